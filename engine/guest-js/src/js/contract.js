// What the guest calls to run a contract, and what the module `phat` exports.
(function (host, library) {
  "use strict";

  function deepFreeze(value) {
    if (typeof value === "object" && value !== null) {
      Object.values(value).forEach(deepFreeze);
      Object.freeze(value);
    }
    return value;
  }

  // Settings of a manifest are an object; others are text as it is.
  function settingsOf(text) {
    try {
      return deepFreeze(JSON.parse(text || "{}"));
    } catch {
      return text;
    }
  }

  // Tells what the run is asked: as the argument that modules get, which is
  // returned, and as the globals that plain scripts read.
  library.prepare = (input, id, contract, caller, chain, block, settings) => {
    globalThis.scriptArgs = [library.toHex(input), settings];
    return Object.freeze({ input, id, contract, caller, chain, block, settings: settingsOf(settings) });
  };

  // A promise that follows an object with a `then`; undefined for other objects.
  library.adopt = (value) => (typeof value.then === "function" ? Promise.resolve(value) : undefined);

  const { bytesOf } = library;
  const valueOf = (value) => bytesOf(value, "a value");
  const keyOf = (key) => bytesOf(key, "a key");

  library.kv = Object.freeze({
    // The value of a key as a Uint8Array, or null.
    async get(key) {
      return host.kvGet(keyOf(key)) ?? null;
    },
    // Takes effect with the result of the run.
    async set(key, value) {
      host.kvSet(keyOf(key), valueOf(value));
    },
    async delete(key) {
      host.kvDelete(keyOf(key));
    },
  });

  library.hex = Object.freeze({
    // 0x and two digits for each byte.
    encode(bytes) {
      return library.toHex(bytesOf(bytes, "the argument of hex.encode"));
    },
    // The bytes of a hexadecimal string, with or without 0x.
    decode(text) {
      if (typeof text !== "string") throw new TypeError("hex.decode takes a string");
      return library.fromHex(text);
    },
  });

  library.hash = Object.freeze({
    keccak256(bytes) {
      return host.keccak256(bytesOf(bytes, "the argument of hash.keccak256"));
    },
    sha256(bytes) {
      return host.sha256(bytesOf(bytes, "the argument of hash.sha256"));
    },
  });

  library.log = Object.freeze({
    debug: library.writeLog("debug"),
    info: library.writeLog("info"),
    warn: library.writeLog("warn"),
    error: library.writeLog("error"),
  });
});
