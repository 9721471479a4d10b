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

  library.noSettings = Object.freeze({});

  // Settings of a manifest are an object; others are text as it is.
  library.settingsOf = (text) => {
    try {
      return deepFreeze(JSON.parse(text));
    } catch {
      return text;
    }
  };

  // What the run is asked; nothing before there is one.
  let request = null;
  let settingsText = "";

  const asked = (field) => {
    if (request === null) throw new Error("there is no context before the run");
    return request[field];
  };

  // What the run knows of itself, wherever the request itself is not at hand.
  const context = Object.freeze({
    get requestId() {
      return asked("id");
    },
    get contractId() {
      return asked("contract");
    },
    get codeHash() {
      return library.toHex(host.codeHash());
    },
    get caller() {
      return asked("caller");
    },
    get chain() {
      return asked("chain");
    },
    get block() {
      return asked("block");
    },
    get settings() {
      return asked("settings");
    },
  });

  // Tells what the run is asked: with the argument that modules get, and the text of its
  // settings. The global that plain scripts read is made when it is first asked for: few do.
  library.prepare = (asked, settings) => {
    request = asked;
    settingsText = settings;
  };

  const become = (value) =>
    Object.defineProperty(globalThis, "scriptArgs", {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  Object.defineProperty(globalThis, "scriptArgs", {
    get() {
      if (request === null) return undefined;
      const value = [library.toHex(request.input), settingsText];
      become(value);
      return value;
    },
    set: become,
    configurable: true,
    enumerable: true,
  });

  // A promise that follows an object with a `then`; undefined for other objects.
  library.adopt = (value) => (typeof value.then === "function" ? Promise.resolve(value) : undefined);

  const { bytesOf } = library;
  const valueOf = (value) => bytesOf(value, "a value");
  const keyOf = (key) => bytesOf(key, "a key");

  const kv = Object.freeze({
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

  const hex = Object.freeze({
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

  // One function for each name, all of bytes or text.
  const hash = {};
  for (const name of host.hashNames) {
    hash[name] = (bytes) => host.hash(name, bytesOf(bytes, `the argument of hash.${name}`));
    Object.defineProperty(hash[name], "name", { value: name });
  }

  const log = {};
  for (const level of ["debug", "info", "warn", "error"]) log[level] = library.writeLog(level);

  const nameOf = (name) => {
    if (typeof name !== "string") throw new TypeError("the name of a secret is a string");
    return library.string(name);
  };

  // A secret of the contract's owner as text; null if there is none of the name.
  async function secret(name) {
    const bytes = host.secret(nameOf(name));
    if (!bytes) return null;
    try {
      return host.utf8Decode(bytes, true);
    } catch {
      throw new TypeError(`the secret ${name} is not UTF-8 text: use secret.bytes`);
    }
  }
  // The same as a Uint8Array.
  secret.bytes = async (name) => host.secret(nameOf(name)) ?? null;

  // A signature with the contract's own key; secp256k1 signs hashes of 32 bytes.
  async function sign(scheme, message) {
    return host.sign(library.string(scheme), bytesOf(message, "the message"));
  }

  async function publicKey(scheme) {
    return host.publicKey(library.string(scheme));
  }

  // 32 bytes that the contract cannot choose, with what shows it.
  async function vrf(input) {
    const [output, proof] = host.vrf(bytesOf(input, "the input"));
    return { output, proof, publicKey: host.publicKey("sr25519") };
  }

  library.phat = Object.freeze({
    abi: library.abi,
    context,
    hash: Object.freeze(hash),
    hex,
    kv,
    log: Object.freeze(log),
    publicKey,
    scale: library.scale,
    secret: Object.freeze(secret),
    sign,
    vrf,
  });
});
