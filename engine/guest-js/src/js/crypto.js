// Random numbers, all from the engine's recorded generator, and structuredClone.
(function (host, library) {
  "use strict";

  const crypto = {
    getRandomValues(array) {
      const bytes = library.view(array);
      if (!bytes || array instanceof ArrayBuffer || array instanceof Float32Array || array instanceof Float64Array) {
        throw new TypeError("getRandomValues takes an array of integers");
      }
      bytes.set(host.random(bytes.length));
      return array;
    },

    randomUUID() {
      const bytes = host.random(16);
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      return host.hexEncode(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    },
  };

  // Math.random reads the generator in blocks, so that a loop does not ask the engine each time.
  const BLOCK_BYTES = 1024;
  let block = null;
  let used = BLOCK_BYTES;
  Math.random = function random() {
    if (used + 8 > BLOCK_BYTES) {
      block = new DataView(host.random(BLOCK_BYTES).buffer);
      used = 0;
    }
    const high = block.getUint32(used) >>> 5;
    const low = block.getUint32(used + 4) >>> 6;
    used += 8;
    return (high * 0x4000000 + low) / 0x20000000000000;
  };

  function structuredClone(value) {
    const seen = new Map();
    const refuse = (what) => {
      throw new DOMException(`${what} could not be cloned.`, "DataCloneError");
    };
    const remember = (original, copy) => {
      seen.set(original, copy);
      return copy;
    };
    const clone = (item) => {
      if (typeof item === "function") refuse(`The function ${item.name}`);
      if (typeof item === "symbol") refuse(String(item));
      if (typeof item !== "object" || item === null) return item;
      if (seen.has(item)) return seen.get(item);
      if (Array.isArray(item)) {
        const copy = remember(item, new Array(item.length));
        for (const key of Object.keys(item)) copy[key] = clone(item[key]);
        return copy;
      }
      if (item instanceof Date) return remember(item, new Date(item.getTime()));
      if (item instanceof RegExp) return remember(item, new RegExp(item.source, item.flags));
      if (item instanceof ArrayBuffer) return remember(item, item.slice(0));
      if (ArrayBuffer.isView(item)) {
        const buffer = clone(item.buffer);
        const length = item instanceof DataView ? item.byteLength : item.length;
        return remember(item, new item.constructor(buffer, item.byteOffset, length));
      }
      if (item instanceof Map) {
        const copy = remember(item, new Map());
        for (const [key, entry] of item) copy.set(clone(key), clone(entry));
        return copy;
      }
      if (item instanceof Set) {
        const copy = remember(item, new Set());
        for (const entry of item) copy.add(clone(entry));
        return copy;
      }
      if (item instanceof Error) {
        const copy = remember(item, new (globalThis[item.name] ?? Error)(item.message));
        copy.stack = item.stack;
        if ("cause" in item) copy.cause = clone(item.cause);
        return copy;
      }
      if (item instanceof Promise || item instanceof WeakMap || item instanceof WeakSet) refuse(String(item));
      const copy = remember(item, {});
      for (const key of Object.keys(item)) copy[key] = clone(item[key]);
      return copy;
    };
    return clone(value);
  }

  library.define("crypto", crypto);
  library.define("structuredClone", structuredClone);
});
