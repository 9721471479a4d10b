// fetch, Request and Response.
(function (host, library) {
  "use strict";

  const { Body, TOKEN, bodyOf, string } = library;

  const METHODS = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

  function methodOf(method) {
    const text = string(method);
    if (!TOKEN.test(text)) throw new TypeError(`invalid method ${JSON.stringify(text)}`);
    const upper = text.toUpperCase();
    if (upper === "CONNECT" || upper === "TRACE") throw new TypeError(`the method ${upper} is not allowed`);
    return METHODS.has(upper) ? upper : text;
  }

  // What the engine has no use for, with the values of a plain request.
  const IGNORED = {
    cache: "default",
    credentials: "same-origin",
    destination: "",
    duplex: "half",
    integrity: "",
    keepalive: false,
    mode: "cors",
    referrer: "about:client",
    referrerPolicy: "",
  };

  class Request extends Body {
    #method;
    #url;
    #headers;
    #redirect;
    #signal;

    constructor(input, init = {}) {
      const options = init ?? {};
      const from = typeof input === "object" && input !== null && #method in input ? input : null;
      const method = methodOf(options.method ?? from?.method ?? "GET");
      let [bytes, type] = bodyOf(options.body);
      if (bytes === null && from) bytes = library.peekBody(from);
      if (bytes !== null && (method === "GET" || method === "HEAD")) {
        throw new TypeError(`a ${method} request cannot have a body`);
      }
      const url = new URL(from ? from.url : input);
      if (url.username || url.password) throw new TypeError("a URL to fetch cannot have a user name or password: send a header");
      const redirect = string(options.redirect ?? from?.redirect ?? "follow");
      if (!["follow", "manual", "error"].includes(redirect)) {
        throw new TypeError(`redirect must be follow, manual or error, not ${redirect}`);
      }
      const signal = options.signal === undefined ? from?.signal : options.signal;
      if (signal !== undefined && signal !== null && !library.isSignal(signal)) {
        throw new TypeError("signal must be an AbortSignal");
      }
      const headers = new Headers(options.headers ?? from?.headers);
      if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
      if (from && bytes !== null) library.takeBody(from);
      super(bytes);
      this.#url = url.href;
      this.#method = method;
      this.#headers = headers;
      this.#redirect = redirect;
      this.#signal = signal ?? library.newSignal();
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
      return new Request(this.#url, {
        method: this.#method,
        headers: this.#headers,
        body: library.peekBody(this),
        redirect: this.#redirect,
        signal: this.#signal,
      });
    }

    get [Symbol.toStringTag]() {
      return "Request";
    }
  }

  for (const [name, value] of Object.entries(IGNORED)) {
    Object.defineProperty(Request.prototype, name, { get: () => value, enumerable: true, configurable: true });
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

  // Statuses of answers that have no body.
  const BODILESS = new Set([101, 103, 204, 205, 304]);
  const REDIRECTS = new Set([301, 302, 303, 307, 308]);

  class Response extends Body {
    #status;
    #statusText;
    #headers;
    #url = "";
    #type = "default";
    #isRedirected = false;

    constructor(body, init = {}) {
      const options = init ?? {};
      const status = Math.trunc(Number(options.status ?? 200));
      if (!(status >= 200 && status <= 599)) throw new RangeError(`status ${options.status} is not 200 to 599`);
      const [bytes, type] = bodyOf(body);
      if (bytes !== null && BODILESS.has(status)) throw new TypeError(`a response of status ${status} has no body`);
      super(bytes);
      this.#status = status;
      this.#statusText = string(options.statusText ?? "");
      this.#headers = new Headers(options.headers);
      if (type !== null && !this.#headers.has("content-type")) this.#headers.set("content-type", type);
    }

    static {
      library.responseFrom = (payload) => {
        const body = BODILESS.has(payload.status) ? null : payload.body;
        const response = new Response(body, { statusText: library.statusText(payload.status) });
        response.#status = payload.status;
        response.#type = "basic";
        response.#url = payload.url.split("#", 1)[0];
        response.#isRedirected = payload.redirected;
        for (let index = 0; index < payload.headers.length; index += 2) {
          response.#headers.append(payload.headers[index], payload.headers[index + 1]);
        }
        return response;
      };
    }

    static json(value, init = {}) {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError("the value has no JSON");
      const response = new Response(text, init);
      if (!new Headers(init?.headers).has("content-type")) response.headers.set("content-type", "application/json");
      return response;
    }

    static redirect(url, status = 302) {
      const location = new URL(url).href;
      if (!REDIRECTS.has(status)) throw new RangeError(`status ${status} is no redirect`);
      return new Response(null, { status, headers: { location } });
    }

    static error() {
      const response = new Response(null);
      response.#status = 0;
      response.#type = "error";
      return response;
    }

    get type() {
      return this.#type;
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
      return this.#isRedirected;
    }

    clone() {
      const copy = new Response(library.peekBody(this), { statusText: this.#statusText, headers: this.#headers });
      copy.#status = this.#status;
      copy.#type = this.#type;
      copy.#url = this.#url;
      copy.#isRedirected = this.#isRedirected;
      return copy;
    }

    get [Symbol.toStringTag]() {
      return "Response";
    }
  }

  function fetch(input, init) {
    return new Promise((resolve, reject) => {
      const request = new Request(input, init);
      const { signal } = request;
      signal.throwIfAborted();
      const aborted = () => {
        library.forget(id);
        reject(signal.reason);
      };
      const id = library.wait(
        host.httpStart(
          request.method,
          request.url,
          [...request.headers].flat(),
          library.takeBody(request) ?? new Uint8Array(0),
          request.redirect,
        ),
        (payload) => {
          library.offAbort(signal, aborted);
          if (payload.error === undefined) resolve(library.responseFrom(payload));
          else if (payload.timeout) reject(new DOMException(payload.error, "TimeoutError"));
          else reject(new TypeError(`fetch failed: ${payload.error}`));
        },
      );
      library.onAbort(signal, aborted);
    });
  }

  library.methodOf = methodOf;
  library.statusText = (status) => STATUS_TEXT[status] ?? "";
  library.define("Request", Request);
  library.define("Response", Response);
  library.define("fetch", fetch);
});
