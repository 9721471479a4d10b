// Types of Solidity's ABI, from text such as `uint256 amount, (address to, bool ok)[]`
// or from JSON.
(function (host, library) {
  "use strict";

  // Far beyond what a compiler lets through.
  const DEPTH_MAX = 32;
  const TEXT_MAX = 65_536;
  // The most words of 32 bytes of a type without dynamic parts.
  const WORDS_MAX = 1 << 20;

  const fail = (message) => {
    throw new TypeError(`abi: ${message}`);
  };

  const elementary = (kind, text, more) => ({ kind, text, isDynamic: false, words: 1, ...more });

  function elementaryOf(name) {
    switch (name) {
      case "address":
      case "bool":
        return elementary(name, name);
      case "string":
      case "bytes":
        return elementary(name, name, { isDynamic: true });
      case "function":
        return elementary("fixedBytes", "function", { size: 24 });
    }
    const [, kind, digits] = /^(u?int|bytes)(0|[1-9][0-9]*)?$/.exec(name) ?? [];
    const size = Number(digits ?? 256);
    if (kind === "bytes" && size >= 1 && size <= 32) return elementary("fixedBytes", name, { size });
    if ((kind === "uint" || kind === "int") && size >= 8 && size <= 256 && size % 8 === 0) {
      return elementary(kind, `${kind}${size}`, { bits: size });
    }
    return fail(`there is no type ${name}`);
  }

  function tuple(components) {
    const words = components.reduce((sum, { type }) => sum + type.words, 0);
    if (words > WORDS_MAX) fail(`a type of ${words} words; at most ${WORDS_MAX} are allowed`);
    const isDynamic = components.some(({ type }) => type.isDynamic);
    const names = components.map(({ name }) => name);
    return {
      kind: "tuple",
      text: `(${components.map(({ type }) => type.text).join(",")})`,
      components,
      isNamed: names.length > 0 && names.every((name) => name !== "") && new Set(names).size === names.length,
      isDynamic,
      headWords: words,
      words: isDynamic ? 1 : words,
    };
  }

  // An array of so many items; of any number, if that is null.
  function array(item, length) {
    if (length === 0) fail("an array of length 0");
    const headWords = item.words * (length ?? 1);
    if (headWords > WORDS_MAX) fail(`a type of ${headWords} words; at most ${WORDS_MAX} are allowed`);
    const isDynamic = length === null || item.isDynamic;
    const text = `${item.text}[${length ?? ""}]`;
    return { kind: "array", text, item, length, isDynamic, words: isDynamic ? 1 : headWords };
  }

  const LOCATIONS = new Set(["memory", "calldata", "storage", "payable"]);

  // A text as its tokens: words, numbers and marks.
  class Tokens {
    #text;
    #tokens;
    #next = 0;

    constructor(text) {
      if (typeof text !== "string") fail("types are text, or parameters of a JSON ABI");
      if (text.length > TEXT_MAX) fail(`types of ${text.length} characters; at most ${TEXT_MAX} are allowed`);
      this.#text = text;
      this.#tokens = text.match(/[A-Za-z_$][\w$]*|[0-9]+|[^\s]/g) ?? [];
    }

    peek() {
      return this.#tokens[this.#next];
    }

    take() {
      this.#next += 1;
      return this.#tokens[this.#next - 1];
    }

    takeIf(token) {
      if (this.peek() !== token) return false;
      this.#next += 1;
      return true;
    }

    takeWord() {
      return /^[A-Za-z_$]/.test(this.peek() ?? "") ? this.take() : undefined;
    }

    expect(token) {
      if (!this.takeIf(token)) {
        fail(`${token} is expected before ${this.peek() ?? "the end"} in ${this.#shown()}`);
      }
    }

    #shown() {
      return JSON.stringify(this.#text.slice(0, 200));
    }

    end() {
      if (this.#next < this.#tokens.length) fail(`${this.peek()} is not expected in ${this.#shown()}`);
    }
  }

  function parseSuffixes(tokens, type, depth) {
    let nested = depth;
    while (tokens.takeIf("[")) {
      nested += 1;
      if (nested > DEPTH_MAX) fail(`types are nested more than ${DEPTH_MAX} deep`);
      const length = /^[0-9]+$/.test(tokens.peek() ?? "") ? Number(tokens.take()) : null;
      tokens.expect("]");
      type = array(type, length);
    }
    return type;
  }

  function parseParameter(tokens, depth) {
    if (depth > DEPTH_MAX) fail(`types are nested more than ${DEPTH_MAX} deep`);
    const word = tokens.takeWord();
    let type;
    if (word === undefined || word === "tuple") {
      tokens.expect("(");
      type = tuple(parseParameters(tokens, depth + 1));
      if (type.components.length === 0) fail("an empty tuple");
    } else {
      type = elementaryOf(word);
    }
    type = parseSuffixes(tokens, type, depth);
    const parameter = { name: "", type, isIndexed: false };
    for (let next = tokens.takeWord(); next !== undefined; next = tokens.takeWord()) {
      if (next === "indexed") parameter.isIndexed = true;
      else if (!LOCATIONS.has(next)) parameter.name = next;
    }
    return parameter;
  }

  // Up to and with the closing parenthesis.
  function parseParameters(tokens, depth) {
    const parameters = [];
    if (tokens.takeIf(")")) return parameters;
    do parameters.push(parseParameter(tokens, depth));
    while (tokens.takeIf(","));
    tokens.expect(")");
    return parameters;
  }

  function parameterOfJson(json, depth) {
    if (typeof json === "string") return parseAlone(json);
    if (typeof json?.type !== "string") fail("a parameter is text, or an object with a type");
    if (depth > DEPTH_MAX) fail(`types are nested more than ${DEPTH_MAX} deep`);
    const name = typeof json.name === "string" ? json.name : "";
    const isIndexed = json.indexed === true;
    if (!json.type.startsWith("tuple")) return { name, type: parseAlone(json.type).type, isIndexed };
    if (!Array.isArray(json.components)) fail("a tuple without components");
    const components = Array.from(json.components, (part) => parameterOfJson(part, depth + 1));
    if (components.length === 0) fail("an empty tuple");
    const suffixes = new Tokens(json.type.slice("tuple".length));
    const type = parseSuffixes(suffixes, tuple(components), depth);
    suffixes.end();
    return { name, type, isIndexed };
  }

  function parseAlone(text) {
    const tokens = new Tokens(text);
    const parameter = parseParameter(tokens, 0);
    tokens.end();
    return parameter;
  }

  // The tuple of a list of types: one text, or a list of texts and JSON parameters.
  function parseTypes(types) {
    if (typeof types === "string") {
      const tokens = new Tokens(`${types})`);
      const parameters = parseParameters(tokens, 0);
      tokens.end();
      return tuple(parameters);
    }
    if (!Array.isArray(types)) fail("types are a text or a list");
    return tuple(Array.from(types, (json) => parameterOfJson(json, 0)));
  }

  // A function, event or error: its name, what it takes, and what it returns.
  function parseSignature(signature) {
    if (typeof signature === "object" && signature !== null) {
      if (typeof signature.name !== "string") fail("an entry of a JSON ABI has a name");
      return {
        name: signature.name,
        inputs: parseTypes(signature.inputs ?? []),
        outputs: parseTypes(signature.outputs ?? []),
        isAnonymous: signature.anonymous === true,
      };
    }
    const tokens = new Tokens(signature);
    let name = tokens.takeWord() ?? fail("a signature starts with a name");
    if (["function", "event", "error"].includes(name) && tokens.peek() !== "(") {
      name = tokens.takeWord() ?? fail("a signature has a name");
    }
    tokens.expect("(");
    const inputs = tuple(parseParameters(tokens, 0));
    let outputs = tuple([]);
    let isAnonymous = false;
    for (let word = tokens.takeWord(); word !== undefined; word = tokens.takeWord()) {
      if (word === "anonymous") isAnonymous = true;
      if (word !== "returns") continue;
      tokens.expect("(");
      outputs = tuple(parseParameters(tokens, 0));
    }
    tokens.takeIf(";");
    tokens.end();
    return { name, inputs, outputs, isAnonymous };
  }

  library.abiTypes = { parseSignature, parseTypes };
});
