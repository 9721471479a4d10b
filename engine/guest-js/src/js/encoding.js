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

  // What bundles ask for, of the labels of the Encoding standard.
  const LABELS = new Map();
  for (const [encoding, labels] of [
    ["utf-8", ["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"]],
    ["utf-16le", ["utf-16le", "utf-16", "ucs-2", "unicode", "iso-10646-ucs-2", "csunicode", "unicodefeff"]],
    ["windows-1252", ["windows-1252", "latin1", "l1", "iso-8859-1", "iso8859-1", "ascii", "us-ascii", "cp1252"]],
  ]) {
    for (const label of labels) LABELS.set(label, encoding);
  }
  // Where Windows-1252 differs from Latin-1: the characters of the bytes 0x80 to 0x9f.
  const WINDOWS_1252 =
    "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
    "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

  // How many of the bytes of UTF-16 do not end in the middle of a character.
  function utf16Complete(bytes) {
    const even = bytes.length & ~1;
    const isHigh = even >= 2 && (bytes[even - 1] & 0xfc) === 0xd8;
    return isHigh ? even - 2 : even;
  }

  const CODINGS = {
    "utf-8": { mark: [0xef, 0xbb, 0xbf], complete: host.utf8Complete, decode: host.utf8Decode },
    "utf-16le": { mark: [0xff, 0xfe], complete: utf16Complete, decode: host.utf16Decode },
    "windows-1252": {
      mark: null,
      complete: (bytes) => bytes.length,
      decode: (bytes) => library.latin1Decode(bytes).replace(/[\x80-\x9f]/g, (c) => WINDOWS_1252[c.charCodeAt(0) - 0x80]),
    },
  };

  // The bytes after a byte-order mark.
  function withoutMark(bytes, mark = CODINGS["utf-8"].mark) {
    return mark?.every((byte, index) => bytes[index] === byte) ? bytes.subarray(mark.length) : bytes;
  }

  class TextDecoder {
    #encoding;
    #coding;
    #fatal;
    #ignoreBOM;
    #rest = new Uint8Array(0);
    #isStarted = false;

    constructor(label = "utf-8", options = {}) {
      const encoding = LABELS.get(string(label).trim().toLowerCase());
      if (encoding === undefined) {
        throw new RangeError(
          `the encoding ${string(label)} is not supported; only utf-8, utf-16le and windows-1252 (latin1) are`,
        );
      }
      this.#encoding = encoding;
      this.#coding = CODINGS[encoding];
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBOM = Boolean(options?.ignoreBOM);
    }

    get encoding() {
      return this.#encoding;
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
      const stream = Boolean(options?.stream);
      if (stream) {
        const complete = this.#coding.complete(bytes);
        this.#rest = bytes.slice(complete);
        bytes = bytes.subarray(0, complete);
      }
      const isFirst = !this.#isStarted && bytes.length > 0;
      this.#isStarted = stream && (this.#isStarted || bytes.length > 0);
      if (isFirst && !this.#ignoreBOM) bytes = withoutMark(bytes, this.#coding.mark);
      return this.#coding.decode(bytes, this.#fatal);
    }

    get [Symbol.toStringTag]() {
      return "TextDecoder";
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
  library.withoutMark = withoutMark;
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
