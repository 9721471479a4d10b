// structuredClone.
(function (host, library) {
  "use strict";

  const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  // Objects with a state that a copy of their properties would not have.
  const OPAQUE = [
    Promise, WeakMap, WeakSet, WeakRef, URL, URLSearchParams, Headers, Request, Response, FormData, EventTarget, Event,
    AbortController, library.CryptoKey,
  ];

  const refuse = (what) => {
    throw new DOMException(`${what} could not be cloned.`, "DataCloneError");
  };

  // Takes the memory of these buffers out of the hands of whoever had it.
  function transfer(buffers, seen) {
    for (const buffer of buffers) {
      if (!(buffer instanceof ArrayBuffer)) refuse("What is no ArrayBuffer can be cloned, not transferred; it");
      if (buffer.detached || seen.has(buffer)) refuse("An ArrayBuffer that was transferred before");
      seen.set(buffer, buffer);
    }
    for (const buffer of buffers) seen.set(buffer, buffer.transfer());
  }

  function cloneError(error, clone, remember) {
    // The name decides what it is; any other is that of a plain Error.
    const kind = Object.hasOwn(ERRORS, error.name) ? ERRORS[error.name] : Error;
    const copy = remember(error, new kind(error.message === undefined ? "" : String(error.message)));
    const define = (name, value) => {
      Object.defineProperty(copy, name, { value, writable: true, enumerable: false, configurable: true });
    };
    define("stack", String(error.stack ?? ""));
    if (Object.hasOwn(error, "cause")) define("cause", clone(error.cause));
    return copy;
  }

  function structuredClone(value, options = {}) {
    if (arguments.length === 0) throw new TypeError("structuredClone needs a value");
    const seen = new Map();
    transfer([...(options?.transfer ?? [])], seen);
    const remember = (original, copy) => {
      seen.set(original, copy);
      return copy;
    };
    const properties = (item, copy) => {
      for (const key of Object.keys(item)) {
        const entry = clone(item[key]);
        // An own property, also where the name is one of the prototype's.
        Object.defineProperty(copy, key, { value: entry, writable: true, enumerable: true, configurable: true });
      }
      return copy;
    };
    const clone = (item) => {
      if (typeof item === "function") refuse(`The function ${item.name}`);
      if (typeof item === "symbol") refuse(String(item));
      if (typeof item !== "object" || item === null) return item;
      if (seen.has(item)) return seen.get(item);
      if (Array.isArray(item)) return properties(item, remember(item, new Array(item.length)));
      if (item instanceof Date) return remember(item, new Date(item.getTime()));
      if (item instanceof RegExp) return remember(item, new RegExp(item.source, item.flags));
      if (item instanceof Boolean || item instanceof Number || item instanceof String || item instanceof BigInt) {
        return remember(item, Object(item.valueOf()));
      }
      if (item instanceof ArrayBuffer) return remember(item, item.slice(0));
      if (ArrayBuffer.isView(item)) {
        const buffer = clone(item.buffer);
        const length = item instanceof DataView ? item.byteLength : item.length;
        return remember(item, new item.constructor(buffer, item.byteOffset, length));
      }
      if (item instanceof Map) {
        const copy = remember(item, new Map());
        for (const [key, entry] of [...item]) copy.set(clone(key), clone(entry));
        return copy;
      }
      if (item instanceof Set) {
        const copy = remember(item, new Set());
        for (const entry of [...item]) copy.add(clone(entry));
        return copy;
      }
      if (item instanceof DOMException) return remember(item, new DOMException(item.message, item.name));
      if (item instanceof Error) return cloneError(item, clone, remember);
      if (library.isBlob(item)) return remember(item, copyOfBlob(item));
      if (OPAQUE.some((opaque) => item instanceof opaque)) refuse(`An object of type ${item.constructor?.name}`);
      return properties(item, remember(item, {}));
    };
    return clone(value);
  }

  // Blobs do not change, so a copy may share the bytes.
  function copyOfBlob(blob) {
    const { type, lastModified } = blob;
    return blob instanceof File ? new File([blob], blob.name, { type, lastModified }) : new Blob([blob], { type });
  }

  library.define("structuredClone", structuredClone);
});
