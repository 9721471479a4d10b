// The SCALE codec: https://docs.polkadot.com/polkadot-protocol/basics/data-encoding/
(function (host, library) {
  "use strict";

  const { DEPTH_MAX, empty, parseType, parseTypes, resolve } = library.scaleTypes;
  // The most items of a sequence whose items have no bytes: the data does not bound them.
  const EMPTY_ITEMS_MAX = 65_536;
  const COMPACT_BYTES_MAX = 67;

  class ScaleError extends TypeError {
    constructor(path, message) {
      super(path === "" ? `scale: ${message}` : `scale: ${path}: ${message}`);
    }

    get name() {
      return "ScaleError";
    }
  }

  const fail = (path, message) => {
    throw new ScaleError(path, message);
  };

  const inside = (path, name) => (path === "" ? name : `${path}.${name}`);

  // Follows a type's names, and makes sure that nothing is nested without end.
  function step(node, depth, path) {
    if (depth > DEPTH_MAX) fail(path, `values are nested more than ${DEPTH_MAX} deep`);
    const [type, scope] = resolve(node.type, node.registry, node.scope);
    return { type, within: (inner) => ({ type: inner, registry: node.registry, scope }) };
  }

  const isByte = ({ type, registry, scope }) => {
    const [item] = resolve(type, registry, scope);
    return item.kind === "integer" && item.bits === 8 && !item.isSigned;
  };

  class Writer {
    #bytes = new Uint8Array(256);
    #length = 0;

    #reserve(more) {
      if (this.#length + more <= this.#bytes.length) return;
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }

    byte(value) {
      this.#reserve(1);
      this.#bytes[this.#length] = value;
      this.#length += 1;
    }

    bytes(values) {
      this.#reserve(values.length);
      this.#bytes.set(values, this.#length);
      this.#length += values.length;
    }

    // Little-endian.
    integer(value, byteCount) {
      let rest = BigInt.asUintN(byteCount * 8, value);
      for (let index = 0; index < byteCount; index += 1) {
        this.byte(Number(rest & 0xffn));
        rest >>= 8n;
      }
    }

    compact(value) {
      if (value < 1n << 6n) return this.byte(Number(value) << 2);
      if (value < 1n << 14n) return this.integer((value << 2n) | 1n, 2);
      if (value < 1n << 30n) return this.integer((value << 2n) | 2n, 4);
      const byteCount = Math.ceil(value.toString(16).length / 2);
      this.byte(((byteCount - 4) << 2) | 3);
      return this.integer(value, byteCount);
    }

    finish() {
      return this.#bytes.slice(0, this.#length);
    }
  }

  function integerOf(type, value, path) {
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
      fail(path, `${type.text} is a bigint or a safe integer, not ${typeof value === "number" ? value : typeof value}`);
    }
    const integer = BigInt(value);
    const wrapped = type.isSigned ? BigInt.asIntN(type.bits, integer) : BigInt.asUintN(type.bits, integer);
    if (wrapped !== integer) fail(path, `${integer} is out of the range of ${type.text}`);
    return integer;
  }

  // What a compact number stands for: an unsigned integer, also inside a struct or tuple of one.
  function compactOf(node, depth, path) {
    const { type, within } = step(node, depth, path);
    if (type.kind === "integer" && !type.isSigned) return type;
    if (type.kind === "tuple" && type.items.length === 1) return compactOf(within(type.items[0]), depth + 1, path);
    if (type.kind === "struct" && type.fields.length === 1) return compactOf(within(type.fields[0].type), depth + 1, path);
    return fail(path, "only unsigned integers are compact");
  }

  // Bytes where they are items: of a buffer, or of a string of 0x and digits.
  function givenBytes(value, path) {
    const bytes = library.view(value);
    if (bytes || typeof value !== "string") return bytes;
    try {
      if (value.startsWith("0x")) return host.hexDecode(value.slice(2));
    } catch {
      // Said below.
    }
    return fail(path, "a string for bytes is 0x and pairs of digits");
  }

  function writeItems(writer, node, type, value, depth, path) {
    const bytes = isByte(node) ? givenBytes(value, path) : undefined;
    const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
    if (!bytes && !isList) fail(path, "a list of items is needed");
    const { length } = bytes ?? value;
    if (type.kind === "sequence") writer.compact(BigInt(length));
    else if (length !== type.length) fail(path, `${type.length} items are needed, not ${length}`);
    if (bytes) return writer.bytes(bytes);
    for (let index = 0; index < length; index += 1) write(writer, node, value[index], depth + 1, `${path}[${index}]`);
    return undefined;
  }

  function writeEnum(writer, within, type, value, depth, path) {
    if (type.isOption) {
      const isNone = value === null || value === undefined;
      const some = type.byName.get("_Some");
      writer.byte(isNone ? type.byName.get("_None").number : some.number);
      if (!isNone) write(writer, within(some.type), value, depth + 1, path);
      return;
    }
    const names = typeof value === "string" ? [value] : Object.keys(typeof value === "object" && value !== null ? value : {});
    const known = names.filter((name) => type.byName.has(name));
    if (known.length !== 1) {
      fail(path, `an object with one of the variants ${[...type.byName.keys()].join(", ")} is needed`);
    }
    const variant = type.byName.get(known[0]);
    writer.byte(variant.number);
    if (variant.type === null) return;
    if (typeof value === "string") fail(path, `the variant ${variant.name} needs a value`);
    write(writer, within(variant.type), value[variant.name], depth + 1, inside(path, variant.name));
  }

  function write(writer, node, value, depth, path) {
    const { type, within } = step(node, depth, path);
    switch (type.kind) {
      case "bool":
        if (typeof value !== "boolean") fail(path, `true or false is needed, not ${typeof value}`);
        return writer.byte(value ? 1 : 0);
      case "integer":
        return writer.integer(integerOf(type, value, path), type.bits / 8);
      case "str": {
        if (typeof value !== "string") fail(path, `a string is needed, not ${typeof value}`);
        const bytes = host.utf8Encode(library.string(value));
        writer.compact(BigInt(bytes.length));
        return writer.bytes(bytes);
      }
      case "compact":
        return writer.compact(integerOf(compactOf(within(type.item), depth + 1, path), value, path));
      case "sequence":
      case "array":
        return writeItems(writer, within(type.item), type, value, depth, path);
      case "tuple": {
        const { items } = type;
        const values = items.length === 0 ? (value ?? []) : value;
        if (!Array.isArray(values) || values.length !== items.length) fail(path, `a list of ${items.length} values is needed`);
        return items.forEach((item, index) => write(writer, within(item), values[index], depth + 1, `${path}[${index}]`));
      }
      case "struct":
        if (typeof value !== "object" || value === null) fail(path, "an object is needed");
        return type.fields.forEach(({ name, type: field }) => {
          write(writer, within(field), value[name], depth + 1, inside(path, name));
        });
      default:
        return writeEnum(writer, within, type, value, depth, path);
    }
  }

  class Reader {
    #bytes;
    #next = 0;

    constructor(bytes) {
      this.#bytes = bytes;
    }

    get left() {
      return this.#bytes.length - this.#next;
    }

    bytes(length, path) {
      if (length > this.left) fail(path, `${length} bytes are needed, and ${this.left} are left`);
      this.#next += length;
      return this.#bytes.slice(this.#next - length, this.#next);
    }

    integer(byteCount, path) {
      const digits = host.hexEncode(this.bytes(byteCount, path).reverse());
      return BigInt(`0x${digits}`);
    }

    compact(path) {
      const [first] = this.bytes(1, path);
      const mode = first & 3;
      if (mode === 0) return BigInt(first >> 2);
      const byteCount = mode === 1 ? 2 : mode === 2 ? 4 : (first >> 2) + 4;
      if (byteCount > COMPACT_BYTES_MAX) fail(path, "the number is too long");
      let value;
      if (mode === 3) {
        value = this.integer(byteCount, path);
      } else {
        this.#next -= 1;
        value = this.integer(byteCount, path) >> 2n;
      }
      // The least that does not fit into a shorter form.
      const leastBits = mode === 1 ? 6 : mode === 2 ? 14 : Math.max(30, 8 * (byteCount - 1));
      if (value < 1n << BigInt(leastBits)) fail(path, "the number is not in its shortest form");
      return value;
    }
  }

  // Small integers are numbers, those that may be unsafe bigints.
  const numberOf = (type, value) => (type.bits <= 32 ? Number(value) : value);

  function readItems(reader, node, type, depth, path) {
    const length = type.kind === "array" ? type.length : Number(reader.compact(path));
    if (isByte(node)) return reader.bytes(length, path);
    if (length > Math.max(reader.left, EMPTY_ITEMS_MAX)) fail(path, `${length} items are in ${reader.left} bytes`);
    const items = [];
    for (let index = 0; index < length; index += 1) {
      const left = reader.left;
      items.push(read(reader, node, depth + 1, `${path}[${index}]`));
      if (reader.left === left && index >= EMPTY_ITEMS_MAX) fail(path, `more than ${EMPTY_ITEMS_MAX} items without bytes`);
    }
    return items;
  }

  function readEnum(reader, within, type, depth, path) {
    const [number] = reader.bytes(1, path);
    const variant = type.byNumber.get(number) ?? fail(path, `there is no variant with the number ${number}`);
    if (type.isOption) return variant.type === null ? null : read(reader, within(variant.type), depth + 1, path);
    const value = variant.type === null ? null : read(reader, within(variant.type), depth + 1, inside(path, variant.name));
    return { [variant.name]: value };
  }

  function read(reader, node, depth, path) {
    const { type, within } = step(node, depth, path);
    switch (type.kind) {
      case "bool": {
        const [byte] = reader.bytes(1, path);
        if (byte > 1) fail(path, "a bool is 0 or 1");
        return byte === 1;
      }
      case "integer": {
        const value = reader.integer(type.bits / 8, path);
        return numberOf(type, type.isSigned ? BigInt.asIntN(type.bits, value) : value);
      }
      case "str": {
        const bytes = reader.bytes(Number(reader.compact(path)), path);
        try {
          return host.utf8Decode(bytes, true);
        } catch {
          return fail(path, "the string is not UTF-8: decode it as [u8]");
        }
      }
      case "compact": {
        const number = compactOf(within(type.item), depth + 1, path);
        return numberOf(number, integerOf(number, reader.compact(path), path));
      }
      case "sequence":
      case "array":
        return readItems(reader, within(type.item), type, depth, path);
      case "tuple":
        return type.items.map((item, index) => read(reader, within(item), depth + 1, `${path}[${index}]`));
      case "struct":
        return Object.fromEntries(
          type.fields.map(({ name, type: field }) => [name, read(reader, within(field), depth + 1, inside(path, name))]),
        );
      default:
        return readEnum(reader, within, type, depth, path);
    }
  }

  // A type as scripts give it: its text, its place in the registry, or the places of a tuple.
  function typeOf(given, registry = empty) {
    const types = typeof registry === "string" ? parseTypes(registry) : registry;
    if (!library.isTypeRegistry(types)) fail("", "a registry is what parseTypes gives");
    const place = (number) => {
      if (!Number.isInteger(number)) fail("", "a place is a whole number");
      return { kind: "place", place: number };
    };
    const type = (() => {
      if (typeof given === "string") return parseType(given);
      return Array.isArray(given) ? { kind: "tuple", items: Array.from(given, place) } : place(given);
    })();
    return { type, registry: types, scope: new Map() };
  }

  function encode(node, value) {
    const writer = new Writer();
    write(writer, node, value, 0, "");
    return writer.finish();
  }

  function decode(node, data, isWhole) {
    const bytes = givenBytes(data, "") ?? fail("", "the data is a Uint8Array, an ArrayBuffer or a string of 0x and digits");
    const reader = new Reader(bytes);
    const value = read(reader, node, 0, "");
    if (isWhole && reader.left > 0) fail("", `${reader.left} bytes are left over`);
    return value;
  }

  const codecs = (isWhole) => (type, registry) => {
    const node = typeOf(type, registry);
    return Object.freeze({
      encode: (value) => encode(node, value),
      decode: (data) => decode(node, data, isWhole),
    });
  };

  library.scale = Object.freeze({
    parseTypes,
    codec: codecs(true),
    encode: (type, value, registry) => encode(typeOf(type, registry), value),
    decode: (type, data, registry) => decode(typeOf(type, registry), data, true),
  });

  // The older order of arguments; what is left over is not looked at there.
  library.pinkScale = Object.freeze({
    parseTypes,
    codec: codecs(false),
    encode: (value, type, registry) => encode(typeOf(type, registry), value),
    decode: (data, type, registry) => decode(typeOf(type, registry), data, false),
  });
});
