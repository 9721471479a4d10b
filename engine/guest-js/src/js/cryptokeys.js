// CryptoKey, and how keys of each algorithm are read, written and made.
(function (host, library) {
  "use strict";

  const { string, view } = library;
  const fromBase64 = Uint8Array.fromBase64;
  const toBase64 = Function.prototype.call.bind(Uint8Array.prototype.toBase64);

  const HASHES = {
    "SHA-1": { native: "sha1", blockBytes: 64, jwk: "1" },
    "SHA-256": { native: "sha256", blockBytes: 64, jwk: "256" },
    "SHA-384": { native: "sha384", blockBytes: 128, jwk: "384" },
    "SHA-512": { native: "sha512", blockBytes: 128, jwk: "512" },
  };
  const CURVES = { "P-256": { bytes: 32 }, "P-384": { bytes: 48 } };
  const USAGES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];

  function fail(name, message) {
    throw new DOMException(message, name);
  }

  // A name as the standard writes it, of those in a table.
  function nameIn(table, algorithm, what) {
    const given = string(typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm);
    const upper = given.toUpperCase();
    const name = Object.keys(table).find((known) => known.toUpperCase() === upper);
    return name ?? fail("NotSupportedError", `the ${what} ${given} is not supported`);
  }

  const hashName = (hash) => nameIn(HASHES, hash, "hash function");

  function bytesOf(value, what) {
    return view(value) ?? typeFailure(`${what} must be an ArrayBuffer or a view of one`);
  }

  function typeFailure(message) {
    throw new TypeError(message);
  }

  function usagesOf(usages) {
    const given = Array.from(usages, string);
    const unknown = given.find((usage) => !USAGES.includes(usage));
    if (unknown !== undefined) throw new TypeError(`${unknown} is no usage of a key`);
    return USAGES.filter((usage) => given.includes(usage));
  }

  const base64url = (bytes) => toBase64(bytes, { alphabet: "base64url", omitPadding: true });

  function fromBase64url(text, name) {
    if (typeof text !== "string") fail("DataError", `the JSON Web Key has no ${name}`);
    try {
      return fromBase64.call(Uint8Array, text, { alphabet: "base64url" });
    } catch {
      return fail("DataError", `${name} of the JSON Web Key is not base64url`);
    }
  }

  function requireJwk(jwk, expected) {
    for (const [name, value] of Object.entries(expected)) {
      if (jwk[name] !== value) fail("DataError", `${name} of the JSON Web Key must be ${value}, not ${string(jwk[name])}`);
    }
  }

  const optionalJwk = (jwk, name, value) => jwk[name] === undefined || requireJwk(jwk, { [name]: value });

  const noFormat = (format, name) => fail("NotSupportedError", `keys of ${name} are not read or written as ${format}`);

  // Keys that are bytes.
  function secretKey(format, data, algOf) {
    if (format === "raw") return bytesOf(data, "a key").slice();
    requireJwk(data, { kty: "oct" });
    const bytes = fromBase64url(data.k, "k");
    optionalJwk(data, "alg", algOf(bytes));
    return bytes;
  }

  function writtenSecret(format, key, alg) {
    const { bytes } = library.material(key);
    if (format === "raw") return bytes.slice();
    return { kty: "oct", k: base64url(bytes), alg };
  }

  const HMAC = {
    usages: { secret: ["sign", "verify"] },
    formats: ["raw", "jwk"],

    read(format, data, params) {
      const hash = hashName(params.hash);
      const bytes = secretKey(format, data, () => `HS${HASHES[hash].jwk}`);
      const length = bytes.length * 8;
      if (length === 0) fail("DataError", "a key of HMAC is not empty");
      if (params.length !== undefined && Number(params.length) !== length) {
        fail("DataError", `the key has ${length} bits, not ${params.length}`);
      }
      return { type: "secret", algorithm: { name: "HMAC", hash: { name: hash }, length }, material: { bytes } };
    },

    write: (format, key) => writtenSecret(format, key, `HS${HASHES[key.algorithm.hash.name].jwk}`),

    bitsOf(params) {
      const hash = hashName(params.hash);
      const bits = params.length === undefined ? HASHES[hash].blockBytes * 8 : Number(params.length);
      const isWhole = bits > 0 && bits % 8 === 0 && bits <= 65_536 * 8;
      if (!isWhole) fail("OperationError", "a key of HMAC has 1 to 65536 whole bytes");
      return bits;
    },

    make(params) {
      return HMAC.read("raw", host.random(HMAC.bitsOf(params) / 8), { hash: params.hash });
    },
  };

  const AES_GCM = {
    usages: { secret: ["encrypt", "decrypt", "wrapKey", "unwrapKey"] },
    formats: ["raw", "jwk"],

    read(format, data) {
      const bytes = secretKey(format, data, (key) => `A${key.length * 8}GCM`);
      if (bytes.length !== 16 && bytes.length !== 32) {
        fail("DataError", `a key of AES-GCM has 128 or 256 bits here, not ${bytes.length * 8}`);
      }
      return { type: "secret", algorithm: { name: "AES-GCM", length: bytes.length * 8 }, material: { bytes } };
    },

    write: (format, key) => writtenSecret(format, key, `A${key.algorithm.length}GCM`),

    bitsOf(params) {
      const bits = Number(params.length);
      if (bits !== 128 && bits !== 256) {
        fail("OperationError", `a key of AES-GCM has 128 or 256 bits here, not ${params.length}`);
      }
      return bits;
    },

    make: (params) => AES_GCM.read("raw", host.random(AES_GCM.bitsOf(params) / 8), params),
  };

  // What a secret is derived of.
  const derivation = (name) => ({
    usages: { secret: ["deriveKey", "deriveBits"] },
    formats: ["raw"],
    isNeverExtractable: true,
    read: (format, data) => ({ type: "secret", algorithm: { name }, material: { bytes: bytesOf(data, "a key").slice() } }),
  });

  const pair = (point, secret) =>
    secret ? { type: "private", material: { point, secret } } : { type: "public", material: { point } };

  const isSame = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]);

  const ECDSA = {
    usages: { public: ["verify"], private: ["sign"] },
    formats: ["raw", "spki", "pkcs8", "jwk"],

    read(format, data, params) {
      const curve = nameIn(CURVES, params.namedCurve, "curve");
      const invalid = () => fail("DataError", `this is no key of ${curve}`);
      const key = (() => {
        if (format === "jwk") return ECDSA.readJwk(curve, data, invalid);
        const bytes = bytesOf(data, "a key");
        if (format !== "pkcs8") return pair(host.ecPoint(curve, format === "spki", bytes) ?? invalid());
        const secret = host.ecSecret(curve, true, bytes) ?? invalid();
        return pair(host.ecPublic(curve, secret), secret);
      })();
      return { ...key, algorithm: { name: "ECDSA", namedCurve: curve } };
    },

    readJwk(curve, jwk, invalid) {
      requireJwk(jwk, { kty: "EC", crv: curve });
      const { bytes } = CURVES[curve];
      const coordinates = [fromBase64url(jwk.x, "x"), fromBase64url(jwk.y, "y")];
      if (coordinates.some((coordinate) => coordinate.length !== bytes)) invalid();
      const encoded = new Uint8Array(1 + 2 * bytes);
      encoded[0] = 4;
      encoded.set(coordinates[0], 1);
      encoded.set(coordinates[1], 1 + bytes);
      const point = host.ecPoint(curve, false, encoded) ?? invalid();
      if (jwk.d === undefined) return pair(point);
      const secret = host.ecSecret(curve, false, fromBase64url(jwk.d, "d")) ?? invalid();
      if (!isSame(host.ecPublic(curve, secret), point)) invalid();
      return pair(point, secret);
    },

    write(format, key) {
      const { namedCurve: curve } = key.algorithm;
      const { point, secret } = library.material(key);
      if (format === "raw") return point.slice();
      if (format === "spki") return host.ecSpki(curve, point);
      if (format === "pkcs8") return host.ecPkcs8(curve, secret);
      const { bytes } = CURVES[curve];
      const jwk = { kty: "EC", crv: curve, x: base64url(point.slice(1, 1 + bytes)), y: base64url(point.slice(1 + bytes)) };
      return secret ? { ...jwk, d: base64url(secret) } : jwk;
    },

    make(params) {
      const curve = nameIn(CURVES, params.namedCurve, "curve");
      // Fewer than one in four thousand million are out of range.
      for (;;) {
        const secret = host.ecSecret(curve, false, host.random(CURVES[curve].bytes));
        if (!secret) continue;
        return { ...pair(host.ecPublic(curve, secret), secret), algorithm: { name: "ECDSA", namedCurve: curve } };
      }
    },
  };

  // The only DER that a key of Ed25519 has (RFC 8410), but for the 32 bytes at its end.
  const ED25519_SPKI = host.hexDecode("302a300506032b6570032100");
  const ED25519_PKCS8 = host.hexDecode("302e020100300506032b657004220420");

  const prefixed = (prefix, bytes) => {
    const joined = new Uint8Array(prefix.length + bytes.length);
    joined.set(prefix);
    joined.set(bytes, prefix.length);
    return joined;
  };

  const Ed25519 = {
    usages: { public: ["verify"], private: ["sign"] },
    formats: ["raw", "spki", "pkcs8", "jwk"],

    read(format, data) {
      const invalid = () => fail("DataError", "this is no key of Ed25519");
      const sized = (bytes) => (bytes.length === 32 ? bytes : invalid());
      const rest = (prefix, bytes) =>
        isSame(bytes.slice(0, prefix.length), prefix) ? bytes.slice(prefix.length) : invalid();
      const key = (() => {
        if (format === "jwk") {
          requireJwk(data, { kty: "OKP", crv: "Ed25519" });
          const point = sized(fromBase64url(data.x, "x"));
          if (data.d === undefined) return pair(point);
          const secret = sized(fromBase64url(data.d, "d"));
          return isSame(host.edPublic(secret), point) ? pair(point, secret) : invalid();
        }
        const bytes = bytesOf(data, "a key").slice();
        if (format === "raw") return pair(sized(bytes));
        if (format === "spki") return pair(sized(rest(ED25519_SPKI, bytes)));
        const secret = sized(rest(ED25519_PKCS8, bytes));
        return pair(host.edPublic(secret), secret);
      })();
      return { ...key, algorithm: { name: "Ed25519" } };
    },

    write(format, key) {
      const { point, secret } = library.material(key);
      if (format === "raw") return point.slice();
      if (format === "spki") return prefixed(ED25519_SPKI, point);
      if (format === "pkcs8") return prefixed(ED25519_PKCS8, secret);
      const jwk = { kty: "OKP", crv: "Ed25519", x: base64url(point) };
      return secret ? { ...jwk, d: base64url(secret) } : jwk;
    },

    make() {
      const secret = host.random(32);
      return { ...pair(host.edPublic(secret), secret), algorithm: { name: "Ed25519" } };
    },
  };

  // The most bits of a modulus that signatures are verified with.
  const MODULUS_BITS_MAX = 4096;

  const RSA = {
    usages: { public: ["verify"] },
    formats: ["spki", "jwk"],

    read(format, data, params) {
      const hash = hashName(params.hash);
      if (format === "jwk") {
        requireJwk(data, { kty: "RSA" });
        optionalJwk(data, "alg", `RS${HASHES[hash].jwk}`);
        if (data.d !== undefined) fail("NotSupportedError", "only public keys of RSA can be read");
      }
      const [n, e] =
        format === "jwk"
          ? [fromBase64url(data.n, "n"), fromBase64url(data.e, "e")]
          : (host.rsaPublic(bytesOf(data, "a key")) ?? fail("DataError", "this is no public key of RSA"));
      if (n.length === 0 || n[0] === 0 || e.length === 0) fail("DataError", "this is no public key of RSA");
      const modulusLength = n.length * 8 - Math.clz32(n[0]) + 24;
      if (modulusLength > MODULUS_BITS_MAX) fail("DataError", `a key of RSA has at most ${MODULUS_BITS_MAX} bits here`);
      const algorithm = { name: "RSASSA-PKCS1-v1_5", modulusLength, publicExponent: e.slice(), hash: { name: hash } };
      return { type: "public", algorithm, material: { n, e } };
    },

    write(format, key) {
      if (format !== "jwk") noFormat(format, "RSA");
      const { n, e } = library.material(key);
      return { kty: "RSA", n: base64url(n), e: base64url(e), alg: `RS${HASHES[key.algorithm.hash.name].jwk}` };
    },
  };

  const ALGORITHMS = {
    HMAC,
    "AES-GCM": AES_GCM,
    HKDF: derivation("HKDF"),
    PBKDF2: derivation("PBKDF2"),
    ECDSA,
    Ed25519,
    "RSASSA-PKCS1-v1_5": RSA,
  };

  const SECRET = Symbol("CryptoKey");

  class CryptoKey {
    #type;
    #extractable;
    #algorithm;
    #usages;
    #material;

    constructor(secret, { type, algorithm, material }, extractable, usages) {
      if (secret !== SECRET) throw new TypeError("Illegal constructor");
      this.#type = type;
      this.#extractable = extractable;
      this.#algorithm = Object.freeze(algorithm);
      this.#usages = Object.freeze([...usages]);
      this.#material = material;
    }

    static {
      library.isKey = (value) => typeof value === "object" && value !== null && #material in value;
      library.material = (key) => key.#material;
    }

    get type() {
      return this.#type;
    }

    get extractable() {
      return this.#extractable;
    }

    get algorithm() {
      return this.#algorithm;
    }

    get usages() {
      return this.#usages;
    }

    get [Symbol.toStringTag]() {
      return "CryptoKey";
    }
  }

  // A key that may be used for these things alone.
  library.newKey = (parts, extractable, usages) => {
    const allowed = ALGORITHMS[parts.algorithm.name].usages[parts.type];
    const other = usages.find((usage) => !allowed.includes(usage));
    if (other !== undefined) fail("SyntaxError", `a ${parts.type} key of ${parts.algorithm.name} is not for ${other}`);
    if (parts.type !== "public" && usages.length === 0) fail("SyntaxError", `a ${parts.type} key needs a usage`);
    return new CryptoKey(SECRET, parts, parts.type === "public" || extractable, usages);
  };

  library.CryptoKey = CryptoKey;
  library.cryptoTools = { ALGORITHMS, HASHES, bytesOf, fail, hashName, nameIn, noFormat, usagesOf };
  library.define("CryptoKey", CryptoKey);
});
