// Headers.
(function (host, library) {
  "use strict";

  const { string } = library;
  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

  function headerName(name) {
    const text = string(name);
    if (!TOKEN.test(text)) throw new TypeError(`invalid header name ${JSON.stringify(text)}`);
    return text.toLowerCase();
  }

  function headerValue(name, value) {
    const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
    if (/[\0\r\n]/.test(text)) throw new TypeError(`the value of header ${name} contains a line break or NUL`);
    if (/[^\0-\xff]/.test(text)) throw new TypeError(`the value of header ${name} has characters outside Latin-1`);
    return text;
  }

  class Headers {
    // Names in lower case, each with its values.
    #values = new Map();

    constructor(init) {
      if (init === undefined || init === null) return;
      if (typeof init !== "object") throw new TypeError("headers must be an object or a list of pairs");
      if (typeof init[Symbol.iterator] === "function") {
        for (const pair of init) {
          const [name, value, ...more] = pair;
          if (value === undefined || more.length > 0) throw new TypeError("a header must be a pair of name and value");
          this.append(name, value);
        }
      } else {
        for (const name of Object.keys(init)) this.append(name, init[name]);
      }
    }

    append(name, value) {
      const key = headerName(name);
      const text = headerValue(key, value);
      if (this.#values.has(key)) this.#values.get(key).push(text);
      else this.#values.set(key, [text]);
    }

    set(name, value) {
      const key = headerName(name);
      this.#values.set(key, [headerValue(key, value)]);
    }

    get(name) {
      return this.#values.get(headerName(name))?.join(", ") ?? null;
    }

    getSetCookie() {
      return [...(this.#values.get("set-cookie") ?? [])];
    }

    has(name) {
      return this.#values.has(headerName(name));
    }

    delete(name) {
      this.#values.delete(headerName(name));
    }

    forEach(callback, self) {
      for (const [name, value] of this) callback.call(self, value, name, this);
    }

    *entries() {
      for (const name of [...this.#values.keys()].sort()) {
        if (name === "set-cookie") for (const value of this.#values.get(name)) yield [name, value];
        else yield [name, this.#values.get(name).join(", ")];
      }
    }

    *keys() {
      for (const [name] of this) yield name;
    }

    *values() {
      for (const [, value] of this) yield value;
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    [library.inspectSymbol](show) {
      return `Headers ${show(Object.fromEntries(this))}`;
    }

    get [Symbol.toStringTag]() {
      return "Headers";
    }
  }

  library.TOKEN = TOKEN;
  library.define("Headers", Headers);
});
