// crypto.subtle: what keys are used for.
(function (host, library) {
  "use strict";

  const { ALGORITHMS, HASHES, bytesOf, fail, hashName, nameIn, noFormat, usagesOf } = library.cryptoTools;
  const { string } = library;

  // The most bytes that are derived at once.
  const DERIVED_BYTES_MAX = 1024 * 1024;
  const TAG_BITS = [96, 104, 112, 120, 128];

  const bufferOf = (bytes) => bytes.buffer;
  const native = (hash) => HASHES[hashName(hash)].native;
  const hashed = (hash, data) => host.hash(native(hash), data);

  // An algorithm as objects have it: a name alone stands for one without parameters.
  function paramsOf(algorithm) {
    const params = typeof algorithm === "object" && algorithm !== null ? algorithm : { name: algorithm };
    return { ...params, name: nameIn(ALGORITHMS, params.name, "algorithm") };
  }

  // Checks that a key may be used so.
  function requireKey(key, name, usage) {
    if (!library.isKey(key)) throw new TypeError("a CryptoKey is needed");
    if (key.algorithm.name !== name) fail("InvalidAccessError", `the key is for ${key.algorithm.name}, not for ${name}`);
    if (!key.usages.includes(usage)) fail("InvalidAccessError", `the key may not be used to ${usage}`);
    return library.material(key);
  }

  const SIGNERS = {
    HMAC: {
      sign: ({ bytes }, key, params, data) => host.hmac(native(key.algorithm.hash), bytes, data),
      verify: ({ bytes }, key, params, data, found) => host.hmacVerify(native(key.algorithm.hash), bytes, data, found),
    },
    ECDSA: {
      sign: ({ secret }, key, params, data) => host.ecSign(key.algorithm.namedCurve, secret, hashed(params.hash, data)),
      verify: ({ point }, key, params, data, found) =>
        host.ecVerify(key.algorithm.namedCurve, point, hashed(params.hash, data), found),
    },
    Ed25519: {
      sign: ({ secret }, key, params, data) => host.edSign(secret, data),
      verify: ({ point }, key, params, data, found) => host.edVerify(point, data, found),
    },
    "RSASSA-PKCS1-v1_5": {
      verify: ({ n, e }, key, params, data, found) => {
        const { hash } = key.algorithm;
        return host.rsaVerify(native(hash), n, e, hashed(hash, data), found);
      },
    },
  };

  // What AES-GCM is told besides the text: nonce, associated data, and bytes of the tag.
  function gcmParams(params) {
    const iv = bytesOf(params.iv, "iv");
    if (iv.length !== 12) fail("OperationError", `the iv of AES-GCM has 12 bytes here, not ${iv.length}`);
    const bits = params.tagLength === undefined ? 128 : Number(params.tagLength);
    if (!TAG_BITS.includes(bits)) {
      fail("OperationError", `the tag of AES-GCM has ${TAG_BITS.join(", ")} bits here, not ${bits}`);
    }
    const { additionalData } = params;
    const associated = additionalData === undefined ? new Uint8Array(0) : bytesOf(additionalData, "additionalData");
    return [iv, associated, bits / 8];
  }

  function derived(params, key, usage, bits) {
    const { bytes } = requireKey(key, params.name, usage);
    if (SIGNERS[params.name] || params.name === "AES-GCM") fail("NotSupportedError", `${params.name} derives nothing`);
    const isWhole = typeof bits === "number" && bits >= 0 && bits % 8 === 0;
    if (!isWhole) fail("OperationError", "the length is in bits, of whole bytes");
    const length = bits / 8;
    if (length > DERIVED_BYTES_MAX) fail("OperationError", `at most ${DERIVED_BYTES_MAX} bytes are derived at once`);
    const hash = native(params.hash);
    const salt = bytesOf(params.salt, "salt");
    if (params.name === "HKDF") {
      const output = host.hkdf(hash, bytes, salt, bytesOf(params.info, "info"), length);
      return output ?? fail("OperationError", "HKDF gives at most 255 times the bytes of its hash function");
    }
    const iterations = Number(params.iterations);
    if (!(Number.isInteger(iterations) && iterations >= 1 && iterations <= 0xffffffff)) {
      fail("OperationError", "iterations is a number from 1 on");
    }
    return host.pbkdf2(hash, bytes, salt, iterations, length);
  }

  // What a JSON Web Key says of its use must allow what it is imported for.
  function requireUse(jwk, extractable, usages) {
    if (typeof jwk !== "object" || jwk === null || ArrayBuffer.isView(jwk) || jwk instanceof ArrayBuffer) {
      throw new TypeError("a JSON Web Key is an object");
    }
    const isSigning = usages.some((usage) => usage === "sign" || usage === "verify");
    const use = isSigning ? "sig" : "enc";
    if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use) {
      fail("DataError", `the key is for the use ${string(jwk.use)}`);
    }
    if (jwk.key_ops !== undefined && !usages.every((usage) => Array.from(jwk.key_ops).includes(usage))) {
      fail("DataError", "key_ops of the key do not have all usages");
    }
    if (jwk.ext === false && extractable) fail("DataError", "the key may not be extracted");
  }

  class SubtleCrypto {
    async digest(algorithm, data) {
      return bufferOf(hashed(algorithm, bytesOf(data, "data")));
    }

    async importKey(format, data, algorithm, extractable, keyUsages) {
      const params = paramsOf(algorithm);
      const usages = usagesOf(keyUsages);
      const { formats, isNeverExtractable, read } = ALGORITHMS[params.name];
      if (!formats.includes(format)) noFormat(string(format), params.name);
      if (format === "jwk") requireUse(data, Boolean(extractable), usages);
      if (isNeverExtractable && extractable) fail("SyntaxError", `a key of ${params.name} cannot be extractable`);
      return library.newKey(read(format, data, params), Boolean(extractable), usages);
    }

    async exportKey(format, key) {
      if (!library.isKey(key)) throw new TypeError("a CryptoKey is needed");
      const { name } = key.algorithm;
      const { formats, write } = ALGORITHMS[name];
      if (!write || !formats.includes(format)) noFormat(string(format), name);
      if (!key.extractable) fail("InvalidAccessError", "the key is not extractable");
      const isPublicFormat = format === "spki" || (format === "raw" && key.type !== "secret");
      if (isPublicFormat && key.type !== "public") fail("InvalidAccessError", `a ${key.type} key is not written as ${format}`);
      if (format === "pkcs8" && key.type !== "private") fail("InvalidAccessError", `a ${key.type} key is not written as pkcs8`);
      const written = write(format, key);
      if (format === "jwk") return { ...written, key_ops: [...key.usages], ext: key.extractable };
      return bufferOf(written);
    }

    async generateKey(algorithm, extractable, keyUsages) {
      const params = paramsOf(algorithm);
      const usages = usagesOf(keyUsages);
      const { make, usages: allowed } = ALGORITHMS[params.name];
      if (!make) fail("NotSupportedError", `no keys of ${params.name} are made here`);
      const parts = make(params);
      if (parts.type === "secret") return library.newKey(parts, Boolean(extractable), usages);
      const { point } = parts.material;
      const isPublic = (usage) => allowed.public.includes(usage);
      const privateKey = library.newKey(parts, Boolean(extractable), usages.filter((usage) => !isPublic(usage)));
      const publicUsages = usages.filter(isPublic);
      const publicParts = { type: "public", algorithm: { ...parts.algorithm }, material: { point } };
      return { privateKey, publicKey: library.newKey(publicParts, true, publicUsages) };
    }

    async sign(algorithm, key, data) {
      const params = paramsOf(algorithm);
      const material = requireKey(key, params.name, "sign");
      return bufferOf(SIGNERS[params.name].sign(material, key, params, bytesOf(data, "data")));
    }

    async verify(algorithm, key, signature, data) {
      const params = paramsOf(algorithm);
      const material = requireKey(key, params.name, "verify");
      return SIGNERS[params.name].verify(material, key, params, bytesOf(data, "data"), bytesOf(signature, "signature"));
    }

    async encrypt(algorithm, key, data) {
      const params = paramsOf(algorithm);
      const { bytes } = requireKey(key, params.name, "encrypt");
      return bufferOf(host.aesGcmSeal(bytes, ...withText(gcmParams(params), data)));
    }

    async decrypt(algorithm, key, data) {
      const params = paramsOf(algorithm);
      const { bytes } = requireKey(key, params.name, "decrypt");
      const text = host.aesGcmOpen(bytes, ...withText(gcmParams(params), data));
      return bufferOf(text ?? fail("OperationError", "the data was not encrypted so, or was changed"));
    }

    async deriveBits(algorithm, key, length) {
      return bufferOf(derived(paramsOf(algorithm), key, "deriveBits", length));
    }

    async deriveKey(algorithm, key, derivedAlgorithm, extractable, keyUsages) {
      const params = paramsOf(derivedAlgorithm);
      const { bitsOf, read } = ALGORITHMS[params.name];
      if (!bitsOf) fail("NotSupportedError", `no keys of ${params.name} are derived here`);
      const bits = bitsOf(params);
      const bytes = derived(paramsOf(algorithm), key, "deriveKey", bits);
      return library.newKey(read("raw", bytes, params), Boolean(extractable), usagesOf(keyUsages));
    }

    async wrapKey() {
      return fail("NotSupportedError", "wrapKey is not supported: use exportKey and encrypt");
    }

    async unwrapKey() {
      return fail("NotSupportedError", "unwrapKey is not supported: use decrypt and importKey");
    }

    get [Symbol.toStringTag]() {
      return "SubtleCrypto";
    }
  }

  const withText = ([iv, associated, tagBytes], data) => [iv, associated, bytesOf(data, "data"), tagBytes];

  library.subtle = new SubtleCrypto();
  library.define("SubtleCrypto", SubtleCrypto);
});
