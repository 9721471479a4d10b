// Event, EventTarget, AbortController and AbortSignal.
(function (host, library) {
  "use strict";

  const { string } = library;

  class Event {
    #type;
    #bubbles;
    #cancelable;
    #composed;
    #target = null;
    #isDispatched = false;
    #isStopped = false;
    #isPrevented = false;

    constructor(type, options = {}) {
      if (arguments.length === 0) throw new TypeError("an Event needs a type");
      this.#type = string(type);
      this.#bubbles = Boolean(options?.bubbles);
      this.#cancelable = Boolean(options?.cancelable);
      this.#composed = Boolean(options?.composed);
    }

    static {
      // Calls the listeners, one after the other, until one stops the rest.
      library.dispatchEvent = (target, event, listeners) => {
        if (event.#isDispatched) throw new DOMException("The event is being dispatched.", "InvalidStateError");
        event.#isDispatched = true;
        event.#isStopped = false;
        event.#target = target;
        for (const listener of listeners()) {
          listener(event);
          if (event.#isStopped) break;
        }
        event.#isDispatched = false;
        return !event.#isPrevented;
      };
    }

    get type() {
      return this.#type;
    }

    get target() {
      return this.#target;
    }

    get srcElement() {
      return this.#target;
    }

    get currentTarget() {
      return this.#isDispatched ? this.#target : null;
    }

    get eventPhase() {
      return this.#isDispatched ? 2 : 0;
    }

    get bubbles() {
      return this.#bubbles;
    }

    get cancelable() {
      return this.#cancelable;
    }

    get composed() {
      return this.#composed;
    }

    get defaultPrevented() {
      return this.#isPrevented;
    }

    get returnValue() {
      return !this.#isPrevented;
    }

    get isTrusted() {
      return false;
    }

    get timeStamp() {
      return 0;
    }

    composedPath() {
      return this.#isDispatched ? [this.#target] : [];
    }

    preventDefault() {
      if (this.#cancelable) this.#isPrevented = true;
    }

    // Nothing is above a target here.
    stopPropagation() {}

    stopImmediatePropagation() {
      this.#isStopped = true;
    }

    get [Symbol.toStringTag]() {
      return "Event";
    }
  }

  class CustomEvent extends Event {
    #detail;

    constructor(type, options = {}) {
      super(type, options);
      this.#detail = options?.detail ?? null;
    }

    get detail() {
      return this.#detail;
    }

    get [Symbol.toStringTag]() {
      return "CustomEvent";
    }
  }

  // What a listener throws is the run's failure, as nobody can catch it.
  function call(listener, self, event) {
    try {
      if (typeof listener === "function") listener.call(self, event);
      else listener.handleEvent(event);
    } catch (error) {
      host.reportUncaught(error);
    }
  }

  class EventTarget {
    // Each has type, callback, once, and whether it is removed.
    #listeners = [];

    addEventListener(type, callback, options) {
      if (callback === null || callback === undefined) return;
      if (typeof callback !== "function" && typeof callback !== "object") {
        throw new TypeError("a listener is a function or an object with handleEvent");
      }
      const { capture, once, signal } = typeof options === "object" && options !== null ? options : { capture: options };
      if (signal?.aborted) return;
      const name = string(type);
      if (this.#find(name, callback, capture) >= 0) return;
      this.#listeners.push({ type: name, callback, capture: Boolean(capture), once: Boolean(once), isRemoved: false });
      signal?.addEventListener("abort", () => this.removeEventListener(name, callback, { capture }), { once: true });
    }

    removeEventListener(type, callback, options) {
      const capture = typeof options === "object" && options !== null ? options.capture : options;
      const index = this.#find(string(type), callback, capture);
      if (index >= 0) this.#remove(this.#listeners[index]);
    }

    dispatchEvent(event) {
      if (!(event instanceof Event)) throw new TypeError("dispatchEvent takes an Event");
      const self = this;
      return library.dispatchEvent(this, event, function* () {
        for (const listener of self.#listeners.filter(({ type }) => type === event.type)) {
          if (listener.isRemoved) continue;
          if (listener.once) self.#remove(listener);
          yield (dispatched) => call(listener.callback, self, dispatched);
        }
      });
    }

    #find(type, callback, capture) {
      return this.#listeners.findIndex(
        (known) => known.type === type && known.callback === callback && known.capture === Boolean(capture),
      );
    }

    #remove(listener) {
      listener.isRemoved = true;
      this.#listeners = this.#listeners.filter((known) => known !== listener);
    }

    get [Symbol.toStringTag]() {
      return "EventTarget";
    }
  }

  const SECRET = Symbol("AbortSignal");
  // The longest timeout; a run ends long before.
  const MILLISECONDS_MAX = Number.MAX_SAFE_INTEGER;

  class AbortSignal extends EventTarget {
    #isAborted = false;
    #reason = undefined;
    #onabort = null;
    // What the engine does when the signal aborts, before any listener.
    #steps = new Set();

    constructor(secret) {
      if (secret !== SECRET) throw new TypeError("Illegal constructor");
      super();
    }

    get aborted() {
      return this.#isAborted;
    }

    get reason() {
      return this.#reason;
    }

    get onabort() {
      return this.#onabort;
    }

    set onabort(listener) {
      if (this.#onabort !== null) this.removeEventListener("abort", this.#onabort);
      this.#onabort = typeof listener === "function" ? listener : null;
      if (this.#onabort !== null) this.addEventListener("abort", this.#onabort);
    }

    throwIfAborted() {
      if (this.#isAborted) throw this.#reason;
    }

    static abort(reason) {
      const signal = new AbortSignal(SECRET);
      signal.#abort(reason);
      return signal;
    }

    static timeout(milliseconds) {
      const delay = Number(milliseconds);
      if (!(delay >= 0 && delay <= MILLISECONDS_MAX)) throw new TypeError("a timeout is a number of milliseconds");
      const signal = new AbortSignal(SECRET);
      // Its timer keeps no run alive: a run ends when the script's promise settles.
      library.wait(host.startTimer(delay), () => {
        signal.#abort(new DOMException("The operation timed out.", "TimeoutError"));
      });
      return signal;
    }

    static any(signals) {
      const sources = [...signals];
      if (!sources.every((source) => source instanceof AbortSignal)) throw new TypeError("AbortSignal.any takes signals");
      const joint = new AbortSignal(SECRET);
      const first = sources.find((source) => source.#isAborted);
      if (first) joint.#abort(first.#reason);
      else for (const source of sources) source.#steps.add(() => joint.#abort(source.#reason));
      return joint;
    }

    static {
      library.newSignal = () => new AbortSignal(SECRET);
      library.isSignal = (value) => typeof value === "object" && value !== null && #isAborted in value;
      library.abortSignal = (signal, reason) => signal.#abort(reason);
      library.onAbort = (signal, step) => signal.#steps.add(step);
      library.offAbort = (signal, step) => signal.#steps.delete(step);
    }

    #abort(reason = new DOMException("This operation was aborted.", "AbortError")) {
      if (this.#isAborted) return;
      this.#isAborted = true;
      this.#reason = reason;
      const steps = this.#steps;
      this.#steps = new Set();
      for (const step of steps) step();
      this.dispatchEvent(new Event("abort"));
    }

    get [Symbol.toStringTag]() {
      return "AbortSignal";
    }
  }

  class AbortController {
    #signal = library.newSignal();

    get signal() {
      return this.#signal;
    }

    abort(reason) {
      library.abortSignal(this.#signal, reason);
    }

    get [Symbol.toStringTag]() {
      return "AbortController";
    }
  }

  for (const part of [Event, CustomEvent, EventTarget, AbortSignal, AbortController]) library.define(part.name, part);
});
