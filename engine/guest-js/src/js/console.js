// console: values as people read them, to the log of the run.
(function (host, library) {
  "use strict";

  const DEPTH_MAX = 4;
  const ITEMS_MAX = 100;

  function quote(text) {
    return JSON.stringify(text);
  }

  function propertyName(name) {
    if (typeof name === "symbol") return `[${String(name)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
  }

  function list(open, items, close) {
    if (items.length === 0) return open + close;
    const line = `${open} ${items.join(", ")} ${close}`;
    if (line.length <= 76 && !line.includes("\n")) return line;
    return `${open}\n  ${items.join(",\n").replaceAll("\n", "\n  ")}\n${close}`;
  }

  function some(iterable, size, show) {
    const items = [];
    for (const item of iterable) {
      if (items.length === ITEMS_MAX) {
        items.push(`… ${size - ITEMS_MAX} more`);
        break;
      }
      items.push(show(item));
    }
    return items;
  }

  function className(object) {
    const prototype = Object.getPrototypeOf(object);
    if (prototype === null) return "[null prototype]";
    const constructor = prototype.constructor;
    return typeof constructor === "function" && constructor.name ? constructor.name : "Object";
  }

  function inspect(value, depth, seen) {
    switch (typeof value) {
      case "string":
        return quote(value);
      case "bigint":
        return `${value}n`;
      case "symbol":
        return String(value);
      case "function": {
        const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function";
        return `[${kind}${value.name ? `: ${value.name}` : ""}]`;
      }
      case "object":
        if (value === null) return "null";
        break;
      default:
        return Object.is(value, -0) ? "-0" : String(value);
    }
    if (seen.includes(value)) return "[Circular]";
    if (value instanceof Error) {
      const head = String(value);
      const stack = value.stack ? `\n${String(value.stack).trimEnd()}` : "";
      const cause = value.cause === undefined ? "" : `\n[cause]: ${inspect(value.cause, depth, [...seen, value])}`;
      return head + stack + cause;
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    const name = className(value);
    if (depth > DEPTH_MAX) return Array.isArray(value) ? "[Array]" : `[${name}]`;
    const show = (item) => inspect(item, depth + 1, [...seen, value]);
    if (Array.isArray(value)) return list("[", some(value, value.length, show), "]");
    if (value instanceof ArrayBuffer) return `ArrayBuffer { ${value.byteLength} bytes }`;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return list(`${name}(${value.length}) [`, some(value, value.length, show), "]");
    }
    if (value instanceof Map) {
      return list(`Map(${value.size}) {`, some(value, value.size, ([k, v]) => `${show(k)} => ${show(v)}`), "}");
    }
    if (value instanceof Set) return list(`Set(${value.size}) {`, some(value, value.size, show), "}");
    if (value instanceof Promise) return "Promise { … }";
    if (typeof value[library.inspectSymbol] === "function") return value[library.inspectSymbol](show);
    const names = Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
    const items = some(names, names.length, (key) => {
      const property = Object.getOwnPropertyDescriptor(value, key);
      return `${propertyName(key)}: ${property.get || property.set ? "[Getter]" : show(property.value)}`;
    });
    return list(name === "Object" ? "{" : `${name} {`, items, "}");
  }

  function safeInspect(value) {
    try {
      return inspect(value, 0, []);
    } catch (error) {
      return "[a value that cannot be shown]";
    }
  }

  // %s, %d, %i, %f, %j, %o, %O and %c of the first argument, then the rest.
  function format(values) {
    const rest = [...values];
    let text = "";
    if (typeof rest[0] === "string" && rest.length > 1) {
      text = rest.shift().replace(/%[sdifjoOc%]/g, (directive) => {
        if (directive === "%%") return "%";
        if (rest.length === 0) return directive;
        const value = rest.shift();
        switch (directive) {
          case "%s":
            return typeof value === "string" ? value : safeInspect(value);
          case "%d":
          case "%f":
            return typeof value === "bigint" ? `${value}n` : String(Number(value));
          case "%i":
            return String(Number.parseInt(value, 10));
          case "%j":
            return JSON.stringify(value);
          case "%c":
            return "";
          default:
            return safeInspect(value);
        }
      });
      if (rest.length > 0) text += " ";
    }
    return text + rest.map((value) => (typeof value === "string" ? value : safeInspect(value))).join(" ");
  }

  const write = (level) =>
    function (...values) {
      host.log(level, format(values).toWellFormed());
    };

  const levels = { debug: "debug", trace: "debug", log: "info", info: "info", dir: "info", warn: "warn", error: "error" };
  const console = {};
  for (const [name, level] of Object.entries(levels)) {
    console[name] = Object.defineProperty(write(level), "name", { value: name });
  }
  console.assert = (condition, ...values) => {
    if (!condition) console.error("Assertion failed:", ...values);
  };

  library.inspectSymbol = Symbol("phat.inspect");
  library.define = (name, value) => {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  };
  library.define("console", console);
  library.writeLog = write;
});
