// Timers, microtasks, and what ends them: events by number, AbortSignal.
(function (host, library) {
  "use strict";

  // What waits for an event of the engine, by the number of its request or timer.
  const waiting = new Map();

  library.wait = (id, callback) => {
    waiting.set(id, callback);
    return id;
  };

  library.forget = (id) => {
    if (waiting.delete(id)) host.cancel(id);
  };

  library.dispatch = (id, payload) => {
    const callback = waiting.get(id);
    waiting.delete(id);
    callback?.(payload);
  };

  function guarded(callback, values) {
    return () => {
      try {
        callback(...values);
      } catch (error) {
        host.reportUncaught(error);
      }
    };
  }

  function functionOf(callback, name) {
    if (typeof callback !== "function") throw new TypeError(`${name} takes a function`);
    return callback;
  }

  // Numbers of intervals stay the same while the timers behind them change.
  const intervals = new Map();
  let intervalsStarted = 0;

  function setTimeout(callback, delay = 0, ...values) {
    return library.wait(host.startTimer(Number(delay)), guarded(functionOf(callback, "setTimeout"), values));
  }

  function setInterval(callback, delay = 0, ...values) {
    const run = guarded(functionOf(callback, "setInterval"), values);
    intervalsStarted += 1;
    const id = -intervalsStarted;
    const again = () => {
      intervals.set(
        id,
        library.wait(host.startTimer(Math.max(1, Number(delay))), () => {
          run();
          if (intervals.has(id)) again();
        }),
      );
    };
    again();
    return id;
  }

  function clearTimer(id) {
    if (intervals.has(id)) {
      library.forget(intervals.get(id));
      intervals.delete(id);
    } else {
      library.forget(id);
    }
  }

  function queueMicrotask(callback) {
    const run = guarded(functionOf(callback, "queueMicrotask"), []);
    Promise.resolve().then(run);
  }

  const SECRET = Symbol("AbortSignal");

  class AbortSignal {
    #aborted = false;
    #reason = undefined;
    #listeners = new Set();
    onabort = null;

    constructor(secret) {
      if (secret !== SECRET) throw new TypeError("Illegal constructor");
    }

    get aborted() {
      return this.#aborted;
    }

    get reason() {
      return this.#reason;
    }

    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }

    addEventListener(type, listener) {
      if (type === "abort") this.#listeners.add(listener);
    }

    removeEventListener(type, listener) {
      if (type === "abort") this.#listeners.delete(listener);
    }

    static abort(reason) {
      const signal = new AbortSignal(SECRET);
      signal.#abort(reason);
      return signal;
    }

    static timeout(milliseconds) {
      const signal = new AbortSignal(SECRET);
      // An own timer keeps no run alive: the run ends when the script's promise settles.
      library.wait(host.startTimer(Number(milliseconds)), () => {
        signal.#abort(new DOMException("The operation timed out.", "TimeoutError"));
      });
      return signal;
    }

    static any(signals) {
      const joint = new AbortSignal(SECRET);
      for (const signal of signals) {
        if (signal.aborted) joint.#abort(signal.reason);
        else signal.addEventListener("abort", () => joint.#abort(signal.reason));
      }
      return joint;
    }

    static {
      library.newSignal = () => new AbortSignal(SECRET);
      library.abortSignal = (signal, reason) => signal.#abort(reason);
    }

    #abort(reason = new DOMException("This operation was aborted.", "AbortError")) {
      if (this.#aborted) return;
      this.#aborted = true;
      this.#reason = reason;
      const event = { type: "abort", target: this };
      const listeners = [...this.#listeners];
      if (typeof this.onabort === "function") listeners.unshift(this.onabort);
      for (const listener of listeners) {
        guarded(typeof listener === "function" ? listener.bind(this) : (e) => listener.handleEvent(e), [event])();
      }
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
  }

  library.define("setTimeout", setTimeout);
  library.define("setInterval", setInterval);
  library.define("clearTimeout", clearTimer);
  library.define("clearInterval", clearTimer);
  library.define("queueMicrotask", queueMicrotask);
  library.define("AbortSignal", AbortSignal);
  library.define("AbortController", AbortController);
});
