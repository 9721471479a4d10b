// fetch, Headers, Request and Response. Bodies are whole, never streamed.
(function (host, library) {
  "use strict";

  const { string, view } = library;
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

  // The bytes of a body and the content type that goes with it.
  function bodyOf(body) {
    if (body === undefined || body === null) return [null, null];
    if (body instanceof URLSearchParams) {
      return [host.utf8Encode(body.toString()), "application/x-www-form-urlencoded;charset=UTF-8"];
    }
    const bytes = view(body);
    if (bytes) return [bytes.slice(), null];
    if (typeof body === "object" && !(body instanceof String)) {
      const name = body.constructor?.name ?? "object";
      throw new TypeError(`a body must be text, bytes or URLSearchParams, not ${name}; use JSON.stringify for JSON`);
    }
    return [host.utf8Encode(string(body)), "text/plain;charset=UTF-8"];
  }

  class Body {
    #bytes;
    #used = false;

    constructor(bytes) {
      this.#bytes = bytes;
    }

    get bodyUsed() {
      return this.#used;
    }

    async bytes() {
      return this.#take();
    }

    async arrayBuffer() {
      const bytes = this.#take();
      return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    }

    async text() {
      return new TextDecoder().decode(this.#take());
    }

    async json() {
      return JSON.parse(new TextDecoder().decode(this.#take()));
    }

    #take() {
      if (this.#used) throw new TypeError("the body was read before");
      this.#used = this.#bytes !== null;
      return this.#bytes ?? new Uint8Array(0);
    }

    static {
      library.peekBody = (body) => {
        if (body.#used) throw new TypeError("the body was read before");
        return body.#bytes;
      };
    }
  }

  const METHODS = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

  function methodOf(method) {
    const text = string(method);
    if (!TOKEN.test(text)) throw new TypeError(`invalid method ${JSON.stringify(text)}`);
    const upper = text.toUpperCase();
    if (upper === "CONNECT" || upper === "TRACE") throw new TypeError(`the method ${upper} is not allowed`);
    return METHODS.has(upper) ? upper : text;
  }

  class Request extends Body {
    #method;
    #url;
    #headers;
    #redirect;
    #signal;

    constructor(input, init = {}) {
      const from = input instanceof Request ? input : null;
      const method = methodOf(init.method ?? from?.method ?? "GET");
      let [bytes, type] = bodyOf(init.body);
      if (bytes === null && from) bytes = library.peekBody(from);
      if (bytes !== null && (method === "GET" || method === "HEAD")) {
        throw new TypeError(`a ${method} request cannot have a body`);
      }
      super(bytes);
      this.#url = new URL(from ? from.url : input).href;
      this.#method = method;
      this.#headers = new Headers(init.headers ?? from?.headers);
      if (type !== null && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
      this.#redirect = string(init.redirect ?? from?.redirect ?? "follow");
      if (!["follow", "manual", "error"].includes(this.#redirect)) {
        throw new TypeError(`redirect must be follow, manual or error, not ${this.#redirect}`);
      }
      this.#signal = init.signal ?? from?.signal ?? library.newSignal();
    }

    get method() {
      return this.#method;
    }

    get url() {
      return this.#url;
    }

    get headers() {
      return this.#headers;
    }

    get redirect() {
      return this.#redirect;
    }

    get signal() {
      return this.#signal;
    }

    clone() {
      return new Request(this);
    }
  }

  const STATUS_TEXT = {
    200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
    206: "Partial Content", 300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
    401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone", 413: "Content Too Large",
    415: "Unsupported Media Type", 418: "I'm a teapot", 422: "Unprocessable Content", 425: "Too Early",
    426: "Upgrade Required", 429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
  };

  class Response extends Body {
    #status;
    #statusText;
    #headers;
    #url = "";
    #redirected = false;

    constructor(body, init = {}) {
      const [bytes, type] = bodyOf(body);
      super(bytes);
      this.#status = Number(init.status ?? 200);
      if (!(this.#status >= 200 && this.#status <= 599)) throw new RangeError(`status ${this.#status} is not 200 to 599`);
      this.#statusText = string(init.statusText ?? "");
      this.#headers = new Headers(init.headers);
      if (type !== null && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
    }

    static {
      library.responseFrom = (payload) => {
        const response = new Response(payload.body, { statusText: STATUS_TEXT[payload.status] });
        response.#status = payload.status;
        response.#url = payload.url.split("#", 1)[0];
        response.#redirected = payload.redirected;
        for (let index = 0; index < payload.headers.length; index += 2) {
          response.#headers.append(payload.headers[index], payload.headers[index + 1]);
        }
        return response;
      };
    }

    static json(value, init = {}) {
      const response = new Response(JSON.stringify(value), init);
      if (!new Headers(init.headers).has("content-type")) response.headers.set("content-type", "application/json");
      return response;
    }

    static error() {
      const response = new Response(null);
      response.#status = 0;
      return response;
    }

    get type() {
      return this.#status === 0 ? "error" : "default";
    }

    get status() {
      return this.#status;
    }

    get statusText() {
      return this.#statusText;
    }

    get ok() {
      return this.#status >= 200 && this.#status <= 299;
    }

    get headers() {
      return this.#headers;
    }

    get url() {
      return this.#url;
    }

    get redirected() {
      return this.#redirected;
    }

    clone() {
      const copy = new Response(library.peekBody(this), { statusText: this.#statusText, headers: this.#headers });
      copy.#status = this.#status;
      copy.#url = this.#url;
      copy.#redirected = this.#redirected;
      return copy;
    }
  }

  function fetch(input, init) {
    return new Promise((resolve, reject) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const id = library.wait(
        host.httpStart(
          request.method,
          request.url,
          [...request.headers].flat(),
          library.peekBody(request) ?? new Uint8Array(0),
          request.redirect,
        ),
        (payload) => {
          request.signal.removeEventListener("abort", aborted);
          if (payload.error === undefined) resolve(library.responseFrom(payload));
          else if (payload.timeout) reject(new DOMException(payload.error, "TimeoutError"));
          else reject(new TypeError(`fetch failed: ${payload.error}`));
        },
      );
      function aborted() {
        library.forget(id);
        reject(request.signal.reason);
      }
      request.signal.addEventListener("abort", aborted);
    });
  }

  library.define("Headers", Headers);
  library.define("Request", Request);
  library.define("Response", Response);
  library.define("fetch", fetch);
});
