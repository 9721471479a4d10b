/**
 * The module `phat`, which the engine gives to every contract. There is nothing of it
 * to install: a bundler leaves the import as it is (esbuild: `--external:phat`).
 *
 * Wherever bytes are wanted, text stands for its UTF-8. Text is never read as
 * hexadecimal digits, but by {@link hex.decode}.
 */

/** Bytes, or text that stands for its UTF-8. */
export type BytesLike = Uint8Array | ArrayBufferView | ArrayBuffer | string

/** Bytes, or a string of `0x` and pairs of digits. */
export type HexBytes = Uint8Array | ArrayBufferView | ArrayBuffer | `0x${string}`

/** What the engine gives to the function that a contract exports as its default. */
export interface Request<Settings = Readonly<Record<string, unknown>>> {
  /** What the caller or consumer passed. */
  readonly input: Uint8Array<ArrayBuffer>
  /** The id of the request: `0x` and 64 digits. */
  readonly id: string
  /** The id of the contract: `0x` and 64 digits. */
  readonly contract: string
  /** Who asked, as the chain writes its addresses; empty for none. */
  readonly caller: string
  /** The chain the request came from, such as `eip155:1`; empty for a call over HTTP. */
  readonly chain: string
  /** The block of that chain at which `kv` reads; 0 for none. */
  readonly block: number
  /** The `[settings]` of the manifest. */
  readonly settings: Settings
}

/** What a contract gives: bytes, a string of `0x` and digits for bytes, or other text. */
export type Result = Uint8Array | ArrayBuffer | string

/** The function that a contract exports as its default. */
export type Main<Settings = Readonly<Record<string, unknown>>> = (request: Request<Settings>) => Result | PromiseLike<Result>

/**
 * The function `aggregate` of a contract whose workers' outputs may differ: it merges them, in
 * the order of their workers. It has no network, no `kv`, no keys, no secrets, no clock, no
 * timers and no random bytes.
 */
export type Aggregate<Settings = Readonly<Record<string, unknown>>> = (
  outputs: Uint8Array<ArrayBuffer>[],
  request: Request<Settings>,
) => Result | PromiseLike<Result>

/** What the run is, where the request is not at hand. */
export declare const context: {
  /** The id of the request: `0x` and 64 digits. */
  readonly requestId: string
  /** The id of the contract: `0x` and 64 digits. */
  readonly contractId: string
  /** The BLAKE2b-256 hash of the script: `0x` and 64 digits. */
  readonly codeHash: string
  readonly caller: string
  readonly chain: string
  readonly block: number
  readonly settings: Readonly<Record<string, unknown>>
}

/** The contract's state on its target chain. Writes take effect with the result, all or none. */
export declare const kv: {
  /** The value of a key, with the writes of this run; null if there is none. */
  get(key: BytesLike): Promise<Uint8Array<ArrayBuffer> | null>
  set(key: BytesLike, value: BytesLike): Promise<void>
  delete(key: BytesLike): Promise<void>
}

/** A secret that the contract's owner has set, as text; null if there is none of the name. */
export declare const secret: {
  /** @throws TypeError if the secret is not UTF-8 text. */
  (name: string): Promise<string | null>
  /** The same as bytes. */
  bytes(name: string): Promise<Uint8Array<ArrayBuffer> | null>
}

/**
 * How the contract signs. `secp256k1` signs a hash of 32 bytes and gives r, s and the
 * recovery id (65 bytes); `ed25519` and `sr25519` sign any message and give 64 bytes.
 */
export type Scheme = 'secp256k1' | 'ed25519' | 'sr25519'

/** Signs with the contract's own key, which no other contract or cluster has. */
export declare function sign(scheme: Scheme, message: BytesLike): Promise<Uint8Array<ArrayBuffer>>

/** The contract's public key: 33 bytes (SEC1) of secp256k1, 32 of the others. */
export declare function publicKey(scheme: Scheme): Promise<Uint8Array<ArrayBuffer>>

/**
 * The verifiable random function of the contract's sr25519 key: bytes that nobody could
 * know before and the contract cannot choose.
 */
export declare function vrf(input: BytesLike): Promise<{
  /** 32 bytes, the same for the same input. */
  output: Uint8Array<ArrayBuffer>
  /** 96 bytes: the pre-output and the proof. */
  proof: Uint8Array<ArrayBuffer>
  /** The key that the proof is checked with. */
  publicKey: Uint8Array<ArrayBuffer>
}>

/** Names of hash functions; `twox` are those of Substrate's storage keys. */
export type HashName =
  | 'keccak256'
  | 'keccak512'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha3_256'
  | 'sha3_512'
  | 'blake2b128'
  | 'blake2b256'
  | 'blake2b512'
  | 'ripemd160'
  | 'twox64'
  | 'twox128'
  | 'twox256'

export declare const hash: { readonly [Name in HashName]: (bytes: BytesLike) => Uint8Array<ArrayBuffer> }

export declare const hex: {
  /** `0x` and two digits for each byte. */
  encode(bytes: BytesLike): `0x${string}`
  /** The bytes of digits, with or without `0x`. */
  decode(text: string): Uint8Array<ArrayBuffer>
}

/** Lines for the log of the run, as `console` writes them. */
export declare const log: {
  debug(...values: unknown[]): void
  info(...values: unknown[]): void
  warn(...values: unknown[]): void
  error(...values: unknown[]): void
}

/** A parameter of a JSON ABI. */
export interface AbiParameter {
  readonly type: string
  readonly name?: string | undefined
  readonly indexed?: boolean | undefined
  readonly components?: readonly AbiParameter[] | undefined
}

/** Types: one text, such as `uint256 amount, (address to, bool ok)[]`, or a list. */
export type AbiTypes = string | readonly (string | AbiParameter)[]

/** A function, event or error: its signature as text, or its entry of a JSON ABI. */
export type AbiSignature =
  | string
  | {
      readonly name: string
      readonly inputs?: readonly AbiParameter[] | undefined
      readonly outputs?: readonly AbiParameter[] | undefined
      readonly anonymous?: boolean | undefined
    }

/**
 * A value: bigint (or safe integer) for numbers, Uint8Array (or `0x` digits) for bytes,
 * text for strings and addresses, lists for arrays, an object for a tuple whose parts
 * all have names, and a list for any other tuple.
 */
export type AbiValue =
  | bigint
  | number
  | boolean
  | string
  | Uint8Array
  | ArrayBuffer
  | readonly AbiValue[]
  | { readonly [name: string]: AbiValue }

/** What decoding gives: bigints, booleans, text, bytes, lists, and objects for named tuples. */
export type AbiDecoded =
  | bigint
  | boolean
  | string
  | Uint8Array<ArrayBuffer>
  | AbiDecoded[]
  | { [name: string]: AbiDecoded }

/** Solidity's ABI. What does not fit throws an error that says where. */
export declare const abi: {
  encode(types: AbiTypes, values: readonly AbiValue[]): Uint8Array<ArrayBuffer>
  /** Strict: values out of range and data that ends too early are errors. */
  decode<Values extends readonly unknown[] = AbiDecoded[]>(types: AbiTypes, data: HexBytes): Values
  encodePacked(types: AbiTypes, values: readonly AbiValue[]): Uint8Array<ArrayBuffer>
  /** The first four bytes of the signature's hash. */
  selector(signature: AbiSignature): Uint8Array<ArrayBuffer>
  eventTopic(signature: AbiSignature): Uint8Array<ArrayBuffer>
  encodeFunctionCall(signature: AbiSignature, values?: readonly AbiValue[]): Uint8Array<ArrayBuffer>
  decodeFunctionCall<Values extends readonly unknown[] = AbiDecoded[]>(signature: AbiSignature, data: HexBytes): Values
  /** What a function returned, by a signature with `returns (…)`. */
  decodeFunctionResult<Values extends readonly unknown[] = AbiDecoded[]>(signature: AbiSignature, data: HexBytes): Values
  /** Indexed strings, bytes, arrays and tuples are the hashes that the topics have. */
  decodeLog<Values = AbiDecoded[] | { [name: string]: AbiDecoded }>(
    signature: AbiSignature,
    log: { readonly topics: readonly HexBytes[]; readonly data?: HexBytes },
  ): Values
}

declare const registry: unique symbol

/** Types of the SCALE codec that refer to each other by name or place. */
export interface TypeRegistry {
  readonly [registry]: true
}

/** A type as text, its place in a registry, or the places of a tuple's types. */
export type ScaleType = string | number | readonly number[]

export interface ScaleCodec {
  encode(value: unknown): Uint8Array<ArrayBuffer>
  decode<Value = unknown>(data: HexBytes): Value
}

/**
 * The SCALE codec of Substrate. Types are text: `u8` to `u256`, `i8` to `i256`, `bool`,
 * `str`, `[T]`, `[T;4]`, `(A,B)`, `{name:T}`, `<Variant,Other:T>`, `@T` for compact, and
 * `Option<T>`, `Result<T,E>`, `Vec<T>`, `AccountId`, `H256`.
 */
export declare const scale: {
  /** Definitions such as `Info<T>={hash:[u8;32],items:[T]}`, one a line. */
  parseTypes(types: string): TypeRegistry
  codec(type: ScaleType, registry?: TypeRegistry | string): ScaleCodec
  encode(type: ScaleType, value: unknown, registry?: TypeRegistry | string): Uint8Array<ArrayBuffer>
  /** Strict: bytes that are left over are an error. */
  decode<Value = unknown>(type: ScaleType, data: HexBytes, registry?: TypeRegistry | string): Value
}

declare const phat: {
  abi: typeof abi
  context: typeof context
  hash: typeof hash
  hex: typeof hex
  kv: typeof kv
  log: typeof log
  publicKey: typeof publicKey
  scale: typeof scale
  secret: typeof secret
  sign: typeof sign
  vrf: typeof vrf
}
export default phat
