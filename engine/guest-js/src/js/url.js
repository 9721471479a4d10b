// URL and URLSearchParams. Parsing is native; these classes hold the parts.
(function (host, library) {
  "use strict";

  const string = library.string;

  class URLSearchParams {
    // Names and values in turn.
    #pairs = [];
    // Called after each change, by the URL that this belongs to.
    #changed = null;

    constructor(init = "") {
      if (typeof init === "object" && init !== null) {
        if (typeof init[Symbol.iterator] === "function") {
          for (const pair of init) {
            const [name, value, ...more] = pair;
            if (value === undefined || more.length > 0) throw new TypeError("a pair must have a name and a value");
            this.#pairs.push(string(name), string(value));
          }
        } else {
          for (const name of Object.keys(init)) this.#pairs.push(string(name), string(init[name]));
        }
      } else {
        this.#pairs = host.formParse(string(init).replace(/^\?/, ""));
      }
    }

    static {
      library.searchParamsOf = (search, changed) => {
        const params = new URLSearchParams(search);
        params.#changed = changed;
        return params;
      };
      library.resetSearchParams = (params, search) => {
        params.#pairs = host.formParse(search.replace(/^\?/, ""));
      };
    }

    get size() {
      return this.#pairs.length / 2;
    }

    append(name, value) {
      this.#pairs.push(string(name), string(value));
      this.#changed?.();
    }

    delete(name, value) {
      this.#keep((n, v) => n !== string(name) || (value !== undefined && v !== string(value)));
    }

    get(name) {
      return this.getAll(name)[0] ?? null;
    }

    getAll(name) {
      const wanted = string(name);
      return [...this].filter(([n]) => n === wanted).map(([, v]) => v);
    }

    has(name, value) {
      return this.getAll(name).some((v) => value === undefined || v === string(value));
    }

    set(name, value) {
      const wanted = string(name);
      let found = false;
      this.#pairs = [...this].flatMap(([n, v]) => {
        if (n !== wanted) return [n, v];
        if (found) return [];
        found = true;
        return [n, string(value)];
      });
      if (!found) this.#pairs.push(wanted, string(value));
      this.#changed?.();
    }

    sort() {
      this.#pairs = [...this].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat();
      this.#changed?.();
    }

    forEach(callback, self) {
      for (const [name, value] of this) callback.call(self, value, name, this);
    }

    *entries() {
      for (let index = 0; index < this.#pairs.length; index += 2) {
        yield [this.#pairs[index], this.#pairs[index + 1]];
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

    toString() {
      return host.formSerialize(this.#pairs);
    }

    #keep(wanted) {
      this.#pairs = [...this].filter(([name, value]) => wanted(name, value)).flat();
      this.#changed?.();
    }

    get [Symbol.toStringTag]() {
      return "URLSearchParams";
    }
  }

  class URL {
    // The text, then where each part starts in it and where it ends.
    #parts;
    #params = null;

    constructor(url, base) {
      const parts = host.urlParse(string(url), base === undefined ? undefined : string(base));
      if (!parts) throw new TypeError(`Invalid URL: ${string(url)}`);
      this.#parts = parts;
    }

    static canParse(url, base) {
      return host.urlParse(string(url), base === undefined ? undefined : string(base)) !== undefined;
    }

    static parse(url, base) {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }

    static {
      const define = (part, get) =>
        Object.defineProperty(URL.prototype, part, {
          get,
          set(value) {
            this.#parts = host.urlSet(this.#parts[0], part, string(value));
            if (this.#params) library.resetSearchParams(this.#params, this.search);
          },
          enumerable: true,
          configurable: true,
        });
      define("href", function () {
        return this.#parts[0];
      });
      host.urlParts.forEach((part, index) => {
        const start = 2 * index + 1;
        define(part, function () {
          return this.#parts[0].slice(this.#parts[start], this.#parts[start + 1]);
        });
      });
    }

    get origin() {
      return host.urlOrigin(this.#parts[0]);
    }

    get searchParams() {
      this.#params ??= library.searchParamsOf(this.search, () => {
        this.#parts = host.urlSet(this.#parts[0], "search", this.#params.toString());
      });
      return this.#params;
    }

    toString() {
      return this.#parts[0];
    }

    toJSON() {
      return this.#parts[0];
    }

    [library.inspectSymbol]() {
      return `URL { ${this.#parts[0]} }`;
    }

    get [Symbol.toStringTag]() {
      return "URL";
    }
  }

  library.define("URLSearchParams", URLSearchParams);
  library.define("URL", URL);
});
