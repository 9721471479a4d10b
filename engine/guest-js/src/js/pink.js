// The globals of scripts that were written for the older platform: `pink`, which is
// `Pink` too. Its functions are synchronous.
(function (host, library) {
  "use strict";

  const REQUESTS_MAX = 64;
  const BATCH_TIMEOUT_MS = 10_000;
  // What a request that got no answer has for a status: the host was not reached, or
  // the exchange with it failed.
  const UNREACHABLE = 523;
  const BROKEN = 524;

  // Bytes as older scripts give them: a string that starts with 0x is of digits.
  function bytesOf(value, what) {
    const bytes = library.view(value);
    if (bytes) return bytes;
    if (Array.isArray(value)) return Uint8Array.from(value);
    if (typeof value !== "string") throw new TypeError(`${what} must be a Uint8Array or a string`);
    return value.startsWith("0x") ? library.fromHex(value) : host.utf8Encode(library.string(value));
  }

  const joined = (...parts) => library.concat(parts);
  const text = (bytes) => host.utf8Decode(bytes, false);

  // Starts a request and returns its number.
  function start(request) {
    if (typeof request !== "object" || request === null) throw new TypeError("a request is an object with a url");
    const { url, method = "GET", headers, body, textBody } = request;
    if (typeof url !== "string") throw new TypeError("the url of a request is a string");
    const content = textBody === undefined || textBody === null ? body : host.utf8Encode(library.string(textBody));
    const bytes = content === undefined || content === null ? new Uint8Array(0) : bytesOf(content, "the body of a request");
    return host.httpStart(
      library.methodOf(method),
      new URL(url).href,
      [...new Headers(headers ?? undefined)].flat(),
      bytes,
      "follow",
    );
  }

  // Headers by their names, and as pairs for scripts that iterate over them.
  function headersOf(flat) {
    const headers = {};
    const pairs = [];
    for (let index = 0; index < flat.length; index += 2) {
      const [name, value] = [flat[index], flat[index + 1]];
      pairs.push([name, value]);
      const known = Object.hasOwn(headers, name) ? `${headers[name]}, ` : "";
      Object.defineProperty(headers, name, { value: known + value, writable: true, enumerable: true, configurable: true });
    }
    Object.defineProperty(headers, Symbol.iterator, { value: () => pairs[Symbol.iterator]() });
    return headers;
  }

  function responseOf(payload, request) {
    return {
      statusCode: payload.status,
      reasonPhrase: library.statusText(payload.status),
      headers: headersOf(payload.headers),
      body: request.returnTextBody ? text(payload.body) : payload.body,
    };
  }

  // A response in place of the one that did not come.
  function failureOf(payload, request) {
    const bytes = host.utf8Encode(payload.error);
    return {
      statusCode: payload.unreachable ? UNREACHABLE : BROKEN,
      reasonPhrase: payload.unreachable ? "Unreachable" : "IO Error",
      headers: headersOf([]),
      body: request.returnTextBody ? payload.error : bytes,
      error: payload.error,
    };
  }

  const answerOf = (payload, request) =>
    payload.error === undefined ? responseOf(payload, request) : failureOf(payload, request);

  function httpRequest(request) {
    const [, payload] = host.waitFor([start(request)]);
    return answerOf(payload, request);
  }

  function batchHttpRequest(requests, timeout = BATCH_TIMEOUT_MS) {
    if (!Array.isArray(requests)) throw new TypeError("batchHttpRequest takes a list of requests");
    if (requests.length > REQUESTS_MAX) throw new RangeError(`${requests.length} requests at once; at most ${REQUESTS_MAX}`);
    const timer = host.startTimer(Number(timeout));
    const waiting = new Map();
    const answers = requests.map((request, index) => {
      try {
        waiting.set(start(request), index);
        return undefined;
      } catch (error) {
        return failureOf({ error: String(error?.message ?? error) }, request ?? {});
      }
    });
    while (waiting.size > 0) {
      const [id, payload] = host.waitFor([timer, ...waiting.keys()]);
      if (id === timer) break;
      const index = waiting.get(id);
      waiting.delete(id);
      answers[index] = answerOf(payload, requests[index]);
    }
    if (waiting.size === 0) host.cancel(timer);
    for (const [id, index] of waiting) {
      host.cancel(id);
      answers[index] = failureOf({ error: `no answer within ${timeout} ms` }, requests[index]);
    }
    return answers;
  }

  const HASHES = ["blake2b128", "blake2b256", "blake2b512", "sha256", "keccak256"];

  function hash(algorithm, message) {
    if (!HASHES.includes(algorithm)) throw new TypeError(`${String(algorithm)} is no hash function: use ${HASHES.join(", ")}`);
    return host.hash(algorithm, bytesOf(message, "the message"));
  }

  // Both have 64 bytes there; what the engine gives has 32.
  const expanded = (domain, secret) => host.hash("sha512", joined(host.utf8Encode(domain), secret));

  // The same for this contract, this script and the salt, and known to nobody else.
  const deriveSecret = (salt) => expanded("phat/pink/derive-secret/1", host.derive(bytesOf(salt, "the salt")));

  // The same for this contract, this script and the salt; of the verifiable random function.
  function vrf(salt) {
    const input = joined(host.utf8Encode("phat/pink/vrf/1"), host.codeHash(), bytesOf(salt, "the salt"));
    const [output] = host.vrf(input);
    return expanded("phat/pink/vrf/1", output);
  }

  const refuse = (name) => () => {
    throw new Error(`pink.${name}: contracts do not call each other on this network; call it over HTTP, or on its chain`);
  };

  const pink = Object.freeze({
    httpRequest,
    batchHttpRequest,
    invokeContract: refuse("invokeContract"),
    invokeContractDelegate: refuse("invokeContractDelegate"),
    deriveSecret,
    hash,
    vrf,
    jsCodeHash: () => host.codeHash(),
    SCALE: library.pinkScale,
    version: host.version,
    inspect: (...values) => console.log(...values),
  });

  library.define("pink", pink);
  library.define("Pink", pink);
});
