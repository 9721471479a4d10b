// Types of the SCALE codec, in the language that older scripts write them in:
//
//   Info={hash:[u8;32],size:@u32}   a name for a type; @ is compact
//   Vec<T>=[T]                      a name with parameters
//   <None,Some:u8,Other:str:7>      an enum: names, types, and numbers if they differ
//   #u8                             a type without a name, known by its place
//   (0,1)                           a tuple of the types at the places 0 and 1
(function (host, library) {
  "use strict";

  const TEXT_MAX = 1024 * 1024;
  const DEPTH_MAX = 64;
  // The most items of an array of fixed size, as none of their number is in the data.
  const ARRAY_ITEMS_MAX = 1 << 20;

  const fail = (message) => {
    throw new TypeError(`scale: ${message}`);
  };

  const INTEGERS = /^([ui])(8|16|32|64|128|256)$/;

  function primitive(name) {
    const [, sign, bits] = INTEGERS.exec(name) ?? [];
    if (sign) return { kind: "integer", isSigned: sign === "i", bits: Number(bits), text: name };
    if (name === "bool" || name === "str") return { kind: name, text: name };
    return undefined;
  }

  // What every registry has unless it says otherwise.
  const PRELUDE = `
Option<T>=<_None,_Some:T>
Result<T,E>=<Ok:T,Err:E>
Vec<T>=[T]
Box<T>=T
Compact<T>=@T
BTreeMap<K,V>=[(K,V)]
BTreeSet<T>=[T]
String=str
AccountId=[u8;32]
H160=[u8;20]
H256=[u8;32]
Hash=[u8;32]
`;

  // A text as its tokens, with the line breaks where none of the brackets is open.
  function tokensOf(text) {
    if (typeof text !== "string") fail("types are text");
    if (text.length > TEXT_MAX) fail(`types of ${text.length} characters; at most ${TEXT_MAX} are allowed`);
    const tokens = [];
    let depth = 0;
    for (const [token] of text.matchAll(/\/\/[^\n]*|\n|[A-Za-z_$][\w$]*|[0-9]+|[^\s]/g)) {
      if (token.startsWith("//")) continue;
      if ("([{<".includes(token)) depth += 1;
      else if (")]}>".includes(token)) depth -= 1;
      if (token !== "\n" || depth <= 0) tokens.push(token);
    }
    return tokens;
  }

  class Parser {
    #tokens;
    #next = 0;

    constructor(text) {
      this.#tokens = tokensOf(text);
    }

    #peek(ahead = 0) {
      return this.#tokens[this.#next + ahead];
    }

    #takeIf(token) {
      if (this.#peek() !== token) return false;
      this.#next += 1;
      return true;
    }

    #expect(token) {
      if (!this.#takeIf(token)) fail(`${token} is expected before ${JSON.stringify(this.#peek() ?? "the end")}`);
    }

    #word(what) {
      const token = this.#peek() ?? "the end";
      if (!/^[A-Za-z_$]/.test(token) || token === "the end") fail(`${what} is expected before ${JSON.stringify(token)}`);
      this.#next += 1;
      return token;
    }

    #number(what) {
      const token = this.#peek() ?? "";
      if (!/^[0-9]+$/.test(token)) fail(`${what} is expected before ${JSON.stringify(token)}`);
      this.#next += 1;
      return Number(token);
    }

    #skipLines() {
      while (this.#takeIf("\n") || this.#takeIf(";"));
    }

    // All definitions: their types in order, and the names of some.
    definitions(add) {
      for (this.#skipLines(); this.#peek() !== undefined; this.#skipLines()) {
        add(...this.#definition());
        if (this.#peek() !== undefined && this.#peek() !== "\n" && this.#peek() !== ";") {
          fail(`${JSON.stringify(this.#peek())} is not expected after a type`);
        }
      }
    }

    // A name, its parameters, and its type; without the first two for a type alone.
    #definition() {
      const start = this.#next;
      if (/^[A-Za-z_$]/.test(this.#peek())) {
        const name = this.#word("a name");
        const parameters = [];
        let isName = true;
        if (this.#takeIf("<")) {
          do {
            if (!/^[A-Za-z_$]/.test(this.#peek() ?? "")) isName = false;
            else parameters.push(this.#word("a name"));
          } while (isName && this.#takeIf(","));
          isName &&= this.#takeIf(">");
        }
        if (isName && this.#takeIf("=")) return [name, parameters, this.type(0)];
        this.#next = start;
      }
      return [undefined, [], this.type(0)];
    }

    // One type and nothing else.
    alone() {
      this.#skipLines();
      const type = this.type(0);
      this.#skipLines();
      if (this.#peek() !== undefined) fail(`${JSON.stringify(this.#peek())} is not expected after a type`);
      return type;
    }

    type(depth) {
      if (depth > DEPTH_MAX) fail(`types are nested more than ${DEPTH_MAX} deep`);
      const inner = () => this.type(depth + 1);
      if (this.#takeIf("#")) {
        const name = this.#word("a name");
        return primitive(name) ?? fail(`there is no primitive type ${name}`);
      }
      if (this.#takeIf("@")) return { kind: "compact", item: inner() };
      if (this.#takeIf("[")) {
        const item = inner();
        if (!this.#takeIf(";")) {
          this.#expect("]");
          return { kind: "sequence", item };
        }
        const length = this.#number("a length");
        if (length > ARRAY_ITEMS_MAX) fail(`an array of ${length} items; at most ${ARRAY_ITEMS_MAX} are allowed`);
        this.#expect("]");
        return { kind: "array", item, length };
      }
      if (this.#takeIf("(")) return { kind: "tuple", items: this.#list(")", inner) };
      if (this.#takeIf("{")) {
        const fields = this.#list("}", () => {
          const name = this.#word("the name of a field");
          this.#expect(":");
          return { name, type: inner() };
        });
        return { kind: "struct", fields };
      }
      if (this.#takeIf("<")) return enumOf(this.#list(">", () => this.#variant(inner)));
      if (/^[0-9]+$/.test(this.#peek() ?? "")) return { kind: "place", place: this.#number("a place") };
      const name = this.#word("a type");
      const given = this.#takeIf("<") ? this.#list(">", inner) : [];
      return { kind: "name", name, given };
    }

    #variant(inner) {
      const name = this.#word("the name of a variant");
      let type = null;
      let number = null;
      if (this.#takeIf(":")) {
        if (this.#peek() !== ":" && this.#peek() !== "," && this.#peek() !== ">") type = inner();
        if (this.#takeIf(":")) number = this.#number("the number of a variant");
      }
      return { name, type, number };
    }

    // Items with commas between them, up to the closing bracket; the last comma may stay.
    #list(close, item) {
      const items = [];
      while (!this.#takeIf(close)) {
        items.push(item());
        if (!this.#takeIf(",")) {
          this.#expect(close);
          break;
        }
      }
      return items;
    }
  }

  function enumOf(variants) {
    const byNumber = new Map();
    const byName = new Map();
    for (const [index, { name, type, number }] of variants.entries()) {
      const variant = { name, type, number: number ?? index };
      if (variant.number > 255) fail(`the variant ${name} has the number ${variant.number}; at most 255 is possible`);
      if (byNumber.has(variant.number) || byName.has(name)) fail(`two variants have the name ${name} or its number`);
      byNumber.set(variant.number, variant);
      byName.set(name, variant);
    }
    const [none, some] = variants;
    // Null or the value itself, instead of an object with the variant's name.
    const isOption = variants.length === 2 && none.name === "_None" && !none.type && some.name === "_Some" && Boolean(some.type);
    return { kind: "enum", byNumber, byName, isOption };
  }

  class TypeRegistry {
    #types = [];
    #names = new Map();

    constructor(text) {
      new Parser(text).definitions((name, parameters, type) => {
        if (name !== undefined) this.#names.set(name, { parameters, type });
        this.#types.push(type);
      });
    }

    static {
      library.isTypeRegistry = (value) => typeof value === "object" && value !== null && #names in value;
    }

    at(place) {
      return this.#types[place] ?? fail(`there is no type at the place ${place}`);
    }

    named(name) {
      return this.#names.get(name);
    }

    [library.inspectSymbol]() {
      return `TypeRegistry { ${this.#types.length} types }`;
    }
  }

  const prelude = new TypeRegistry(PRELUDE);

  // A type with its names followed, one step deep: what is inside is followed when it
  // is come to, so types may contain themselves. `scope` has the parameters' types.
  function resolve(type, registry, scope, steps = 0) {
    if (type.kind !== "name" && type.kind !== "place") return [type, scope];
    if (steps > DEPTH_MAX) fail(`a name leads to more than ${DEPTH_MAX} other names`);
    if (type.kind === "place") return resolve(registry.at(type.place), registry, new Map(), steps + 1);
    const { name, given } = type;
    const bound = scope.get(name);
    if (bound && given.length === 0) return resolve(bound.type, registry, bound.scope, steps + 1);
    const defined = registry.named(name) ?? undefined;
    const known = defined ?? (primitive(name) ? undefined : prelude.named(name));
    if (!known) {
      const basic = primitive(name);
      return basic && given.length === 0 ? [basic, scope] : fail(`there is no type ${name}`);
    }
    if (known.parameters.length !== given.length) {
      fail(`${name} takes ${known.parameters.length} parameters, not ${given.length}`);
    }
    const own = new Map(known.parameters.map((parameter, index) => [parameter, { type: given[index], scope }]));
    return resolve(known.type, registry, own, steps + 1);
  }

  library.scaleTypes = {
    DEPTH_MAX,
    empty: new TypeRegistry(""),
    parseType: (text) => new Parser(text).alone(),
    parseTypes: (text) => new TypeRegistry(text),
    resolve,
  };
});
