// Timers, microtasks, clocks, and the events of the engine by their numbers.
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

  // The numbers of timers, which share theirs with requests.
  const timeouts = new Set();

  function setTimeout(callback, delay = 0, ...values) {
    const run = guarded(functionOf(callback, "setTimeout"), values);
    const id = library.wait(host.startTimer(Number(delay)), () => {
      timeouts.delete(id);
      run();
    });
    timeouts.add(id);
    return id;
  }

  function setInterval(callback, delay = 0, ...values) {
    const run = guarded(functionOf(callback, "setInterval"), values);
    intervalsStarted += 1;
    const id = -intervalsStarted;
    const again = () => {
      intervals.set(
        id,
        library.wait(host.startTimer(Math.max(1, Number(delay) || 0)), () => {
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
    } else if (timeouts.delete(id)) {
      library.forget(id);
    }
  }

  function queueMicrotask(callback) {
    const run = guarded(functionOf(callback, "queueMicrotask"), []);
    Promise.resolve().then(run);
  }

  // From its first use on; scripts that measure nothing read no clock for it.
  let origin = null;
  const timeOrigin = () => (origin ??= host.now());
  const performance = {
    now() {
      const start = timeOrigin();
      return host.now() - start;
    },
    get timeOrigin() {
      return timeOrigin();
    },
    toJSON() {
      return { timeOrigin: timeOrigin() };
    },
  };

  library.define("setTimeout", setTimeout);
  library.define("setInterval", setInterval);
  library.define("clearTimeout", clearTimer);
  library.define("clearInterval", clearTimer);
  library.define("queueMicrotask", queueMicrotask);
  library.define("performance", performance);
  library.define("self", globalThis);
  library.define("navigator", Object.freeze({ userAgent: `Phat/${host.version}` }));
});
