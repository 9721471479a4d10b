// Solidity's ABI: https://docs.soliditylang.org/en/latest/abi-spec.html
(function (host, library) {
  "use strict";

  const { parseSignature, parseTypes } = library.abiTypes;
  const WORD_BYTES = 32;
  const WORD_DIGITS = 64;
  // What is decoded may share parts, so it may read data again, but only so often:
  // few bytes whose offsets all lead to the same place must not become gigabytes.
  const READS_PER_BYTE = 4;

  class AbiError extends TypeError {
    constructor(path, message) {
      super(path === "" ? `abi: ${message}` : `abi: ${path}: ${message}`);
    }

    get name() {
      return "AbiError";
    }
  }

  const fail = (path, message) => {
    throw new AbiError(path, message);
  };

  const inside = (path, component, index) => {
    if (component.name === "") return `${path}[${index}]`;
    return path === "" ? component.name : `${path}.${component.name}`;
  };

  // Bytes as digits: of a buffer, or of a string that is nothing but 0x and digits.
  function digitsOf(value, path) {
    const bytes = library.view(value);
    if (bytes) return host.hexEncode(bytes);
    if (typeof value === "string" && value.startsWith("0x")) {
      try {
        return host.hexEncode(host.hexDecode(value.slice(2)));
      } catch {
        // Said below.
      }
    }
    return fail(path, "bytes are a Uint8Array, an ArrayBuffer, or a string of 0x and pairs of digits");
  }

  function checksummed(digits) {
    const hash = host.hexEncode(host.hash("keccak256", host.utf8Encode(digits)));
    return `0x${digits.replace(/[a-f]/g, (digit, at) => (hash[at] >= "8" ? digit.toUpperCase() : digit))}`;
  }

  function addressDigits(value, path) {
    const digits = digitsOf(value, path);
    if (digits.length !== 40) fail(path, "an address has 20 bytes");
    const isMixed = typeof value === "string" && /[a-f]/.test(value.slice(2)) && /[A-F]/.test(value);
    if (isMixed && checksummed(digits) !== value) fail(path, `the checksum of the address ${value} is wrong`);
    return digits;
  }

  function integerOf(type, value, path) {
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
      fail(path, `${type.text} is a bigint or a safe integer, not ${typeof value === "number" ? value : typeof value}`);
    }
    const integer = BigInt(value);
    const wrapped = type.kind === "uint" ? BigInt.asUintN(type.bits, integer) : BigInt.asIntN(type.bits, integer);
    if (wrapped !== integer) fail(path, `${integer} is out of the range of ${type.text}`);
    return integer;
  }

  const word = (integer) => BigInt.asUintN(256, integer).toString(16).padStart(WORD_DIGITS, "0");
  const lengthWord = (length) => length.toString(16).padStart(WORD_DIGITS, "0");
  const padRight = (digits) => digits.padEnd(Math.ceil(digits.length / WORD_DIGITS) * WORD_DIGITS, "0");

  function stringDigits(value, path) {
    if (typeof value !== "string") fail(path, `a string is needed, not ${typeof value}`);
    if (!value.isWellFormed()) fail(path, "the string has half of a surrogate pair");
    return host.hexEncode(host.utf8Encode(value));
  }

  // The digits of a value without padding.
  function plainDigits(type, value, path) {
    switch (type.kind) {
      case "address":
        return addressDigits(value, path);
      case "bool":
        if (typeof value !== "boolean") fail(path, `true or false is needed, not ${typeof value}`);
        return value ? "01" : "00";
      case "uint":
      case "int":
        return BigInt.asUintN(type.bits, integerOf(type, value, path)).toString(16).padStart(type.bits / 4, "0");
      case "fixedBytes": {
        const digits = digitsOf(value, path);
        if (digits.length !== type.size * 2) fail(path, `${type.text} has ${type.size} bytes, not ${digits.length / 2}`);
        return digits;
      }
      case "string":
        return stringDigits(value, path);
      default:
        return digitsOf(value, path);
    }
  }

  function itemsOf(type, value, path) {
    const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
    if (!isList) fail(path, `${type.text} is an array`);
    if (type.length !== null && value.length !== type.length) {
      fail(path, `${type.text} has ${type.length} items, not ${value.length}`);
    }
    return value;
  }

  // The values of a tuple, given as a list or by their names.
  function partsOf(type, value, path) {
    if (Array.isArray(value)) {
      if (value.length !== type.components.length) {
        fail(path, `there are ${value.length} values for the ${type.components.length} types ${type.text}`);
      }
      return value;
    }
    if (!type.isNamed || typeof value !== "object" || value === null) {
      fail(path, type.isNamed ? `${type.text} is an object or a list` : `${type.text} is a list`);
    }
    return type.components.map(({ name }) => {
      if (!Object.hasOwn(value, name)) fail(path, `the value of ${name} is missing`);
      return value[name];
    });
  }

  function encode(type, value, path) {
    switch (type.kind) {
      case "uint":
      case "int":
        return word(integerOf(type, value, path));
      case "bool":
      case "address":
        return plainDigits(type, value, path).padStart(WORD_DIGITS, "0");
      case "fixedBytes":
        return padRight(plainDigits(type, value, path));
      case "string":
      case "bytes": {
        const digits = plainDigits(type, value, path);
        return lengthWord(digits.length / 2) + padRight(digits);
      }
      case "array": {
        const items = itemsOf(type, value, path);
        const encoded = encodeAll(items.length, (index) => [type.item, items[index], `${path}[${index}]`]);
        return type.length === null ? lengthWord(items.length) + encoded : encoded;
      }
      default: {
        const parts = partsOf(type, value, path);
        const { components } = type;
        return encodeAll(components.length, (index) => [
          components[index].type, parts[index], inside(path, components[index], index),
        ]);
      }
    }
  }

  // Heads, then tails, of what `at` gives for each place: type, value and path.
  function encodeAll(count, at) {
    const encoded = [];
    let headBytes = 0;
    for (let index = 0; index < count; index += 1) {
      const [type, value, path] = at(index);
      encoded.push([type.isDynamic, encode(type, value, path)]);
      headBytes += type.words * WORD_BYTES;
    }
    let heads = "";
    let tails = "";
    for (const [isDynamic, digits] of encoded) {
      if (isDynamic) {
        heads += lengthWord(headBytes + tails.length / 2);
        tails += digits;
      } else {
        heads += digits;
      }
    }
    return heads + tails;
  }

  function encodePacked(type, value, path) {
    if (type.kind !== "array") {
      if (type.kind === "tuple") fail(path, "tuples have no packed encoding");
      return plainDigits(type, value, path);
    }
    const { item } = type;
    if (item.isDynamic || item.kind === "array" || item.kind === "tuple") fail(path, `${type.text} has no packed encoding`);
    return Array.from(itemsOf(type, value, path), (part, index) => encode(item, part, `${path}[${index}]`)).join("");
  }

  // Encoded data, with what was read of it.
  class Data {
    #digits;
    #readable;
    size;

    constructor(digits) {
      this.#digits = digits;
      this.size = digits.length / 2;
      this.#readable = this.size * READS_PER_BYTE;
    }

    read(at, length, path) {
      if (at + length > this.size) fail(path, `the data ends at byte ${this.size}, before byte ${at + length}`);
      this.#readable -= length;
      if (this.#readable < 0) fail(path, "the data refers to the same bytes too often");
      return this.#digits.slice(at * 2, (at + length) * 2);
    }

    // An offset or a length, which cannot be more than the data.
    small(at, path, what) {
      const number = Number(`0x${this.read(at, WORD_BYTES, path)}`);
      if (number > this.size) fail(path, `the ${what} is ${number}, beyond the data of ${this.size} bytes`);
      return number;
    }
  }

  function decodeWord(type, data, at, path) {
    const digits = data.read(at, WORD_BYTES, path);
    switch (type.kind) {
      case "uint":
      case "int": {
        const integer = BigInt(`0x${digits}`);
        const value = type.kind === "uint" ? integer : BigInt.asIntN(256, integer);
        const wrapped = type.kind === "uint" ? BigInt.asUintN(type.bits, value) : BigInt.asIntN(type.bits, value);
        if (wrapped !== value) fail(path, `${value} is out of the range of ${type.text}`);
        return value;
      }
      case "bool":
        if (!/^0{63}[01]$/.test(digits)) fail(path, "a bool is 0 or 1");
        return digits.endsWith("1");
      case "address":
        if (!digits.startsWith("0".repeat(24))) fail(path, "an address has 20 bytes, with zeros before them");
        return checksummed(digits.slice(24));
      default: {
        const end = type.size * 2;
        if (/[^0]/.test(digits.slice(end))) fail(path, `${type.text} has zeros after its ${type.size} bytes`);
        return host.hexDecode(digits.slice(0, end));
      }
    }
  }

  function decode(type, data, at, path) {
    switch (type.kind) {
      case "string":
      case "bytes": {
        const length = data.small(at, path, "length");
        const bytes = host.hexDecode(data.read(at + WORD_BYTES, length, path));
        if (type.kind === "bytes") return bytes;
        try {
          return host.utf8Decode(bytes, true);
        } catch {
          return fail(path, "the string is not UTF-8: decode it as bytes");
        }
      }
      case "array": {
        const length = type.length ?? data.small(at, path, "length");
        const base = type.length === null ? at + WORD_BYTES : at;
        if (base + length * type.item.words * WORD_BYTES > data.size) fail(path, `the data is too short for ${length} items`);
        return decodeAll(length, data, base, (index) => [type.item, `${path}[${index}]`]);
      }
      case "tuple": {
        const { components } = type;
        const values = decodeAll(components.length, data, at, (index) => [
          components[index].type, inside(path, components[index], index),
        ]);
        return named(type, values);
      }
      default:
        return decodeWord(type, data, at, path);
    }
  }

  // An object, if all parts have names of their own; else the list.
  const named = (type, values) =>
    type.isNamed ? Object.fromEntries(type.components.map(({ name }, index) => [name, values[index]])) : values;

  function decodeAll(count, data, base, at) {
    const values = [];
    let head = base;
    for (let index = 0; index < count; index += 1) {
      const [type, path] = at(index);
      const place = type.isDynamic ? base + data.small(head, path, "offset") : head;
      values.push(decode(type, data, place, path));
      head += type.words * WORD_BYTES;
    }
    return values;
  }

  // A list of values, also where all have names.
  function decodeList({ components }, digits) {
    const data = new Data(digits);
    return decodeAll(components.length, data, 0, (index) => [components[index].type, inside("", components[index], index)]);
  }

  const bytes = (digits) => host.hexDecode(digits);
  const encodeList = (type, values) => encode(type, values, "");
  const hashOf = ({ name, inputs }) => host.hash("keccak256", host.utf8Encode(name + inputs.text));
  const selectorOf = (signature) => hashOf(signature).slice(0, 4);

  library.abi = Object.freeze({
    encode: (types, values) => bytes(encodeList(parseTypes(types), values)),

    decode: (types, data) => decodeList(parseTypes(types), digitsOf(data, "")),

    encodePacked(types, values) {
      const { components } = parseTypes(types);
      if (!Array.isArray(values) || values.length !== components.length) fail("", `${components.length} values are needed`);
      return bytes(components.map(({ type }, index) => encodePacked(type, values[index], `[${index}]`)).join(""));
    },

    selector: (signature) => selectorOf(parseSignature(signature)),

    eventTopic: (signature) => hashOf(parseSignature(signature)),

    encodeFunctionCall(signature, values = []) {
      const parsed = parseSignature(signature);
      return bytes(host.hexEncode(selectorOf(parsed)) + encodeList(parsed.inputs, values));
    },

    decodeFunctionCall(signature, data) {
      const parsed = parseSignature(signature);
      const expected = host.hexEncode(selectorOf(parsed));
      const digits = digitsOf(data, "");
      const found = digits.slice(0, expected.length);
      if (found !== expected) fail("", `the call is of 0x${found}, not of ${parsed.name}, which is 0x${expected}`);
      return decodeList(parsed.inputs, digits.slice(expected.length));
    },

    decodeFunctionResult(signature, data) {
      const { name, outputs } = parseSignature(signature);
      if (outputs.components.length === 0) fail("", `the signature of ${name} does not say what it returns`);
      return decodeList(outputs, digitsOf(data, ""));
    },

    decodeLog(signature, { topics, data = "0x" }) {
      const parsed = parseSignature(signature);
      const given = Array.from(topics, (topic, index) => digitsOf(topic, `topic ${index}`));
      if (!parsed.isAnonymous && given.shift() !== host.hexEncode(hashOf(parsed))) fail("", `the log is not of ${parsed.name}`);
      const { components } = parsed.inputs;
      if (components.filter(({ isIndexed }) => isIndexed).length !== given.length) {
        fail("", `${parsed.name} has another number of indexed parameters than the log`);
      }
      const plain = components.filter(({ isIndexed }) => !isIndexed);
      const rest = decodeList({ components: plain }, digitsOf(data, "data"));
      const values = components.map(({ type, isIndexed, name }, index) => {
        if (!isIndexed) return rest.shift();
        const topic = given.shift();
        // Of what does not fit there is only a hash.
        const isHashed = type.isDynamic || type.kind === "array" || type.kind === "tuple";
        return isHashed ? bytes(topic) : decodeWord(type, new Data(topic), 0, name || `[${index}]`);
      });
      return named(parsed.inputs, values);
    },
  });
});
