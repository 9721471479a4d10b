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

  // What `show` makes of a value, or the value as it is shown elsewhere.
  function shown(value, show) {
    try {
      return show(value);
    } catch {
      return safeInspect(value);
    }
  }

  const directives = {
    "%s": (value) => (typeof value === "string" ? value : safeInspect(value)),
    "%d": (value) => (typeof value === "bigint" ? `${value}n` : String(Number(value))),
    "%i": (value) => (typeof value === "bigint" ? `${value}n` : String(Number.parseInt(value, 10))),
    "%f": (value) => String(Number.parseFloat(value)),
    "%j": (value) => String(JSON.stringify(value)),
    "%o": safeInspect,
    "%O": safeInspect,
    "%c": () => "",
  };

  // The directives in the first argument, then the rest.
  function format(values) {
    const rest = [...values];
    let text = "";
    if (typeof rest[0] === "string" && rest.length > 1) {
      text = rest.shift().replace(/%[sdifjoOc%]/g, (directive) => {
        if (directive === "%%") return "%";
        return rest.length === 0 ? directive : shown(rest.shift(), directives[directive]);
      });
      if (rest.length > 0) text += " ";
    }
    return text + rest.map((value) => (typeof value === "string" ? value : safeInspect(value))).join(" ");
  }

  // A line of the log, whatever the values are: a script that logs does not fail by it.
  function line(values) {
    try {
      return format(values).toWellFormed();
    } catch {
      return "[values that cannot be shown]";
    }
  }

  const write = (level) =>
    function (...values) {
      host.log(level, line(values));
    };

  // How far the lines of the console are moved in.
  const INDENT = "  ";
  let indent = "";

  const print = (level, values) => {
    const text = line(values);
    host.log(level, indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`));
  };

  const label = (value) => (value === undefined ? "default" : shown(value, String));

  // Rows and columns, or the value itself where it has none.
  function table(data) {
    if (typeof data !== "object" || data === null) return undefined;
    const entries = data instanceof Map ? [...data] : Object.entries(data);
    if (entries.length === 0) return undefined;
    const isRow = (value) => typeof value === "object" && value !== null;
    const columns = [];
    for (const [, row] of entries) {
      if (!isRow(row)) continue;
      for (const name of Object.keys(row)) if (!columns.includes(name) && columns.length < ITEMS_MAX) columns.push(name);
    }
    const hasValues = entries.some(([, row]) => !isRow(row));
    const rows = some(entries, entries.length, ([name, row]) => [
      typeof name === "string" ? name : safeInspect(name),
      ...columns.map((column) => (isRow(row) && Object.hasOwn(row, column) ? safeInspect(row[column]) : "")),
      ...(hasValues ? [isRow(row) ? "" : safeInspect(row)] : []),
    ]);
    const head = ["(index)", ...columns, ...(hasValues ? ["Values"] : [])];
    // What `some` adds for the rows that it leaves out is no row.
    const all = [head, ...rows.map((row) => (Array.isArray(row) ? row : [row]))];
    const widths = head.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)));
    return all.map((row) => row.map((cell, index) => cell.padEnd(widths[index])).join(" | ").trimEnd()).join("\n");
  }

  const levels = { debug: "debug", trace: "debug", log: "info", info: "info", dir: "info", warn: "warn", error: "error" };
  const counts = new Map();
  const timers = new Map();
  const methods = {
    assert(condition, ...values) {
      if (!condition) print("error", ["Assertion failed:", ...values]);
    },
    count(name) {
      const key = label(name);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      print("info", [`${key}: ${count}`]);
    },
    countReset(name) {
      counts.delete(label(name));
    },
    group(...values) {
      if (values.length > 0) print("info", values);
      indent += INDENT;
    },
    groupCollapsed(...values) {
      methods.group(...values);
    },
    groupEnd() {
      indent = indent.slice(INDENT.length);
    },
    table(data) {
      const text = shown(data, table);
      print("info", [text ?? data]);
    },
    time(name) {
      timers.set(label(name), host.now());
    },
    timeLog(name, ...values) {
      const key = label(name);
      const started = timers.get(key);
      if (started === undefined) print("warn", [`there is no timer ${key}`]);
      else print("info", [`${key}: ${(host.now() - started).toFixed(3)} ms`, ...values]);
    },
    timeEnd(name) {
      methods.timeLog(name);
      timers.delete(label(name));
    },
  };
  for (const [name, level] of Object.entries(levels)) {
    methods[name] = Object.defineProperty((...values) => print(level, values), "name", { value: name });
  }
  const console = { ...methods };

  library.inspectSymbol = Symbol("phat.inspect");
  library.define = (name, value) => {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  };
  library.define("console", console);
  library.writeLog = write;
});
