// Blob, File, FormData, and what Request and Response have in common: a body, which
// is whole, never streamed.
(function (host, library) {
  "use strict";

  const { string, view } = library;

  function concat(parts) {
    let length = 0;
    for (const part of parts) length += part.length;
    const joined = new Uint8Array(length);
    let offset = 0;
    for (const part of parts) {
      joined.set(part, offset);
      offset += part.length;
    }
    return joined;
  }

  // The memory of bytes alone.
  const bufferOf = (bytes) => (bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer);

  // A type as the standard has it: in lower case, or none if it has other characters.
  const mimeType = (type) => (/^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : "");

  class Blob {
    #bytes;
    #type;

    constructor(parts = [], options = {}) {
      if (typeof parts !== "object" || parts === null || typeof parts[Symbol.iterator] !== "function") {
        throw new TypeError("a Blob is made of a list of parts");
      }
      this.#type = mimeType(string(options?.type ?? ""));
      const native = options?.endings === "native";
      this.#bytes = concat(
        Array.from(parts, (part) => {
          if (typeof part === "object" && part !== null && #bytes in part) return part.#bytes;
          const bytes = view(part);
          if (bytes) return bytes;
          const text = string(part);
          return host.utf8Encode(native ? text.replace(/\r\n?/g, "\n") : text);
        }),
      );
    }

    static {
      library.isBlob = (value) => typeof value === "object" && value !== null && #bytes in value;
      library.blobBytes = (blob) => blob.#bytes;
    }

    get size() {
      return this.#bytes.length;
    }

    get type() {
      return this.#type;
    }

    slice(start = 0, end = this.size, type = "") {
      // Negative positions count from the end, as those of arrays do.
      return new Blob([this.#bytes.slice(start, end)], { type });
    }

    async bytes() {
      return this.#bytes.slice();
    }

    async arrayBuffer() {
      return this.#bytes.slice().buffer;
    }

    async text() {
      return host.utf8Decode(library.withoutMark(this.#bytes), false);
    }

    stream() {
      return library.streamOf(() => this.#bytes.slice());
    }

    get [Symbol.toStringTag]() {
      return "Blob";
    }
  }

  class File extends Blob {
    #name;
    #lastModified;

    constructor(parts, name, options = {}) {
      if (arguments.length < 2) throw new TypeError("a File needs parts and a name");
      super(parts, options);
      this.#name = string(name);
      this.#lastModified = Math.trunc(Number(options?.lastModified ?? Date.now())) || 0;
    }

    get name() {
      return this.#name;
    }

    get lastModified() {
      return this.#lastModified;
    }

    get [Symbol.toStringTag]() {
      return "File";
    }
  }

  class FormData {
    #entries = [];

    constructor(form) {
      if (form !== undefined) throw new TypeError("there are no forms here: FormData takes no argument");
    }

    static {
      library.isFormData = (value) => typeof value === "object" && value !== null && #entries in value;
    }

    append(name, value, filename) {
      this.#entries.push([string(name), entryOf(value, filename)]);
    }

    set(name, value, filename) {
      const entry = [string(name), entryOf(value, filename)];
      const index = this.#entries.findIndex(([known]) => known === entry[0]);
      if (index < 0) {
        this.#entries.push(entry);
        return;
      }
      this.#entries = this.#entries.filter(([known], place) => known !== entry[0] || place === index);
      this.#entries[index] = entry;
    }

    delete(name) {
      const gone = string(name);
      this.#entries = this.#entries.filter(([known]) => known !== gone);
    }

    get(name) {
      return this.getAll(name)[0] ?? null;
    }

    getAll(name) {
      const wanted = string(name);
      return this.#entries.filter(([known]) => known === wanted).map(([, value]) => value);
    }

    has(name) {
      return this.getAll(name).length > 0;
    }

    forEach(callback, self) {
      for (const [name, value] of this) callback.call(self, value, name, this);
    }

    *entries() {
      for (const [name, value] of this.#entries) yield [name, value];
    }

    *keys() {
      for (const [name] of this.#entries) yield name;
    }

    *values() {
      for (const [, value] of this.#entries) yield value;
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    get [Symbol.toStringTag]() {
      return "FormData";
    }
  }

  function entryOf(value, filename) {
    if (!library.isBlob(value)) return string(value);
    if (value instanceof File && filename === undefined) return value;
    return new File([value], filename ?? "blob", { type: value.type, lastModified: value.lastModified ?? 0 });
  }

  // The bytes of a form as multipart/form-data, and its content type. The boundary is
  // of random bytes that the transcript has, so a replay makes the same.
  function multipart(form) {
    const boundary = `----phat${host.hexEncode(host.random(16))}`;
    const lines = (text) => text.replace(/\r\n|\r|\n/g, "\r\n");
    const quoted = (text) => lines(text).replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22");
    const parts = [];
    for (const [name, value] of form) {
      let head = `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"`;
      if (typeof value === "string") {
        parts.push(host.utf8Encode(`${head}\r\n\r\n${lines(value)}\r\n`));
        continue;
      }
      head += `; filename="${quoted(value.name)}"\r\ncontent-type: ${value.type || "application/octet-stream"}\r\n\r\n`;
      parts.push(host.utf8Encode(head), library.blobBytes(value), host.utf8Encode("\r\n"));
    }
    parts.push(host.utf8Encode(`--${boundary}--\r\n`));
    return [concat(parts), `multipart/form-data; boundary=${boundary}`];
  }

  // The bytes of a body and the content type that goes with it.
  function bodyOf(body) {
    if (body === undefined || body === null) return [null, null];
    if (body instanceof URLSearchParams) {
      return [host.utf8Encode(body.toString()), "application/x-www-form-urlencoded;charset=UTF-8"];
    }
    if (library.isBlob(body)) return [library.blobBytes(body), body.type || null];
    if (library.isFormData(body)) return multipart(body);
    const bytes = view(body);
    if (bytes) return [bytes.slice(), null];
    if (typeof body === "object" && !(body instanceof String)) {
      const name = body.constructor?.name ?? "object";
      throw new TypeError(
        `a body must be text, bytes, URLSearchParams, FormData or a Blob, not ${name}; use JSON.stringify for JSON`,
      );
    }
    return [host.utf8Encode(string(body)), "text/plain;charset=UTF-8"];
  }

  // A stream of one chunk, which `take` gives when it is asked for the first time.
  function streamOf(take) {
    let isTaken = false;
    let reader = null;
    const read = () => {
      if (isTaken) return { value: undefined, done: true };
      isTaken = true;
      const bytes = take();
      return bytes.length > 0 ? { value: bytes, done: false } : { value: undefined, done: true };
    };
    const requireFree = () => {
      if (reader) throw new TypeError("the stream is locked to a reader");
    };
    const cancel = async () => {
      if (!isTaken) take();
      isTaken = true;
    };
    const stream = {
      get locked() {
        return reader !== null;
      },
      getReader() {
        requireFree();
        const own = {
          get closed() {
            return isTaken ? Promise.resolve() : new Promise(() => {});
          },
          async read() {
            if (reader !== own) throw new TypeError("the reader has released its lock");
            return read();
          },
          releaseLock() {
            if (reader === own) reader = null;
          },
          cancel,
        };
        reader = own;
        return own;
      },
      async cancel() {
        requireFree();
        await cancel();
      },
      tee() {
        requireFree();
        const chunk = read();
        stream.getReader();
        const half = () => streamOf(() => (chunk.done ? new Uint8Array(0) : chunk.value.slice()));
        return [half(), half()];
      },
      async *values() {
        const own = stream.getReader();
        for (let next = await own.read(); !next.done; next = await own.read()) yield next.value;
        own.releaseLock();
      },
      [Symbol.asyncIterator]() {
        return stream.values();
      },
    };
    for (const name of Reflect.ownKeys(stream)) Object.defineProperty(stream, name, { enumerable: false });
    return Object.defineProperty(stream, Symbol.toStringTag, { value: "ReadableStream" });
  }

  class Body {
    #bytes;
    #isUsed = false;
    #stream = null;

    constructor(bytes) {
      this.#bytes = bytes;
    }

    get body() {
      if (this.#bytes === null) return null;
      return (this.#stream ??= streamOf(() => {
        this.#isUsed = true;
        return this.#bytes;
      }));
    }

    get bodyUsed() {
      return this.#isUsed;
    }

    async bytes() {
      return this.#take();
    }

    async arrayBuffer() {
      return bufferOf(this.#take());
    }

    async text() {
      return this.#text();
    }

    async json() {
      return JSON.parse(this.#text());
    }

    async blob() {
      return new Blob([this.#take()], { type: this.headers.get("content-type") ?? "" });
    }

    async formData() {
      const type = (this.headers.get("content-type") ?? "").split(";", 1)[0].trim().toLowerCase();
      if (type !== "application/x-www-form-urlencoded") {
        throw new TypeError(`formData reads application/x-www-form-urlencoded, not ${type || "a body without a type"}`);
      }
      const form = new FormData();
      for (const [name, value] of new URLSearchParams(this.#text())) form.append(name, value);
      return form;
    }

    #text() {
      return host.utf8Decode(library.withoutMark(this.#take()), false);
    }

    #take() {
      library.requireUnread(this);
      this.#isUsed = this.#bytes !== null;
      return this.#bytes ?? new Uint8Array(0);
    }

    static {
      library.requireUnread = (body) => {
        if (body.#isUsed) throw new TypeError("the body was read before");
        if (body.#stream?.locked) throw new TypeError("the body is being read");
      };
      // The bytes for a copy; null if there is no body.
      library.peekBody = (body) => {
        library.requireUnread(body);
        return body.#bytes;
      };
      // The bytes, which nobody else gets.
      library.takeBody = (body) => {
        const bytes = library.peekBody(body);
        body.#isUsed = bytes !== null;
        return bytes;
      };
    }
  }

  library.concat = concat;
  library.bodyOf = bodyOf;
  library.streamOf = streamOf;
  library.Body = Body;
  for (const part of [Blob, File, FormData]) library.define(part.name, part);
});
