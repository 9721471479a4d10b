// Random numbers, all from the engine's recorded generator.
(function (host, library) {
  "use strict";

  const BYTES_MAX = 65_536;
  const INTEGERS = [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
  ];

  const crypto = {
    getRandomValues(array) {
      if (!INTEGERS.some((kind) => array instanceof kind)) {
        throw new DOMException("getRandomValues takes an array of integers", "TypeMismatchError");
      }
      const bytes = library.view(array);
      if (bytes.length > BYTES_MAX) {
        const message = `${bytes.length} random bytes; ask for at most ${BYTES_MAX} at once`;
        throw new DOMException(message, "QuotaExceededError");
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

    subtle: library.subtle,
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

  library.define("crypto", crypto);
});
