// TextEncoder, TextDecoder, atob, btoa, and the conversions that the rest uses.
(function (host, library) {
  "use strict";

  // Any buffer or view as a Uint8Array on the same memory; undefined for other values.
  function view(value) {
    if (value instanceof Uint8Array) return value;
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return undefined;
  }

  // A string as Unicode has it: half surrogate pairs become U+FFFD.
  const string = (value) => String(value).toWellFormed();

  const toHex = (bytes) => `0x${host.hexEncode(bytes)}`;
  const fromHex = (text) => host.hexDecode(string(text).replace(/^0x/i, ""));

  // What functions of the module `phat` take as bytes: a buffer, or text. Text is
  // never read as hexadecimal digits: whoever a key or value comes from could
  // choose another one by it.
  function bytesOf(value, what) {
    const bytes = view(value);
    if (bytes) return bytes;
    if (typeof value !== "string") {
      throw new TypeError(`${what} must be a Uint8Array, an ArrayBuffer or a string`);
    }
    return host.utf8Encode(string(value));
  }

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }

    encode(text = "") {
      return host.utf8Encode(string(text));
    }

    encodeInto(text, target) {
      let read = 0;
      let written = 0;
      for (const character of string(text)) {
        const bytes = host.utf8Encode(character);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  const UTF8_LABELS = new Set(["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"]);

  class TextDecoder {
    #fatal;
    #ignoreBOM;
    #rest = new Uint8Array(0);
    #started = false;

    constructor(label = "utf-8", options = {}) {
      if (!UTF8_LABELS.has(string(label).trim().toLowerCase())) {
        throw new RangeError(`the encoding ${string(label)} is not supported; only utf-8 is`);
      }
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBOM = Boolean(options?.ignoreBOM);
    }

    get encoding() {
      return "utf-8";
    }

    get fatal() {
      return this.#fatal;
    }

    get ignoreBOM() {
      return this.#ignoreBOM;
    }

    decode(input = new Uint8Array(0), options = {}) {
      let bytes = view(input);
      if (!bytes) throw new TypeError("TextDecoder.decode takes a buffer or a view of one");
      if (this.#rest.length > 0) {
        const joined = new Uint8Array(this.#rest.length + bytes.length);
        joined.set(this.#rest);
        joined.set(bytes, this.#rest.length);
        bytes = joined;
      }
      this.#rest = new Uint8Array(0);
      if (options?.stream) {
        const complete = host.utf8Complete(bytes);
        this.#rest = bytes.slice(complete);
        bytes = bytes.subarray(0, complete);
      }
      const first = !this.#started && bytes.length > 0;
      this.#started = Boolean(options?.stream) && (this.#started || bytes.length > 0);
      const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
      if (first && hasMark && !this.#ignoreBOM) bytes = bytes.subarray(3);
      return host.utf8Decode(bytes, this.#fatal);
    }
  }

  function atob(text) {
    const bytes = (() => {
      try {
        return host.base64Decode(string(text).replace(/[\t\n\f\r ]/g, ""));
      } catch {
        throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
      }
    })();
    return library.latin1Decode(bytes);
  }

  function btoa(text) {
    const input = String(text);
    const bytes = new Uint8Array(input.length);
    for (let index = 0; index < input.length; index += 1) {
      const code = input.charCodeAt(index);
      if (code > 255) {
        throw new DOMException("The string contains characters outside of the Latin1 range.", "InvalidCharacterError");
      }
      bytes[index] = code;
    }
    return host.base64Encode(bytes);
  }

  library.latin1Decode = (bytes) => {
    let text = "";
    // A call takes a bounded number of arguments, so long inputs go in pieces.
    for (let start = 0; start < bytes.length; start += 4096) {
      text += String.fromCharCode.apply(null, bytes.subarray(start, start + 4096));
    }
    return text;
  };
  library.view = view;
  library.string = string;
  library.bytesOf = bytesOf;
  library.toHex = toHex;
  library.fromHex = fromHex;
  library.define("TextEncoder", TextEncoder);
  library.define("TextDecoder", TextDecoder);
  library.define("atob", atob);
  library.define("btoa", btoa);
});
