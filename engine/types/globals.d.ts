/**
 * The globals of the engine besides the language's own, for programs that are compiled
 * without TypeScript's library `DOM`: `"lib": ["ES2023"], "types": ["phat/globals"]`.
 */

export {}

declare global {
  type BufferSource = ArrayBufferView | ArrayBuffer

  // Text and bytes.

  class TextEncoder {
    readonly encoding: 'utf-8'
    encode(text?: string): Uint8Array<ArrayBuffer>
    encodeInto(text: string, target: Uint8Array): { read: number; written: number }
  }

  /** utf-8, utf-16le and windows-1252 (latin1), by their labels. */
  class TextDecoder {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
    readonly encoding: string
    readonly fatal: boolean
    readonly ignoreBOM: boolean
    decode(input?: BufferSource, options?: { stream?: boolean }): string
  }

  function atob(text: string): string
  function btoa(text: string): string

  interface Uint8Array<TArrayBuffer extends ArrayBufferLike> {
    toBase64(options?: { alphabet?: 'base64' | 'base64url'; omitPadding?: boolean }): string
    toHex(): string
    setFromBase64(text: string, options?: { alphabet?: 'base64' | 'base64url' }): { read: number; written: number }
    setFromHex(text: string): { read: number; written: number }
  }

  interface Uint8ArrayConstructor {
    fromBase64(text: string, options?: { alphabet?: 'base64' | 'base64url' }): Uint8Array<ArrayBuffer>
    fromHex(text: string): Uint8Array<ArrayBuffer>
  }

  // URLs.

  class URLSearchParams {
    constructor(init?: string | Record<string, string> | Iterable<readonly [string, string]>)
    readonly size: number
    append(name: string, value: string): void
    delete(name: string, value?: string): void
    get(name: string): string | null
    getAll(name: string): string[]
    has(name: string, value?: string): boolean
    set(name: string, value: string): void
    sort(): void
    forEach(callback: (value: string, name: string, parent: URLSearchParams) => void, self?: unknown): void
    entries(): IterableIterator<[string, string]>
    keys(): IterableIterator<string>
    values(): IterableIterator<string>
    [Symbol.iterator](): IterableIterator<[string, string]>
    toString(): string
  }

  class URL {
    constructor(url: string | URL, base?: string | URL)
    static canParse(url: string | URL, base?: string | URL): boolean
    static parse(url: string | URL, base?: string | URL): URL | null
    href: string
    readonly origin: string
    protocol: string
    username: string
    password: string
    host: string
    hostname: string
    port: string
    pathname: string
    search: string
    hash: string
    readonly searchParams: URLSearchParams
    toString(): string
    toJSON(): string
  }

  // Time.

  function setTimeout<Values extends unknown[]>(callback: (...values: Values) => void, delay?: number, ...values: Values): number
  function setInterval<Values extends unknown[]>(callback: (...values: Values) => void, delay?: number, ...values: Values): number
  function clearTimeout(id: number | undefined): void
  function clearInterval(id: number | undefined): void
  function queueMicrotask(callback: () => void): void
  function structuredClone<Value>(value: Value, options?: { transfer?: ArrayBuffer[] }): Value

  var performance: { now(): number; readonly timeOrigin: number; toJSON(): { timeOrigin: number } }
  var navigator: { readonly userAgent: string }
  var self: typeof globalThis

  // Events.

  class DOMException extends Error {
    constructor(message?: string, name?: string)
    readonly name: string
    readonly message: string
    readonly code: number
  }

  class Event {
    constructor(type: string, options?: { bubbles?: boolean; cancelable?: boolean; composed?: boolean })
    readonly type: string
    readonly target: EventTarget | null
    readonly currentTarget: EventTarget | null
    readonly cancelable: boolean
    readonly defaultPrevented: boolean
    preventDefault(): void
    stopPropagation(): void
    stopImmediatePropagation(): void
  }

  class CustomEvent<Detail = unknown> extends Event {
    constructor(type: string, options?: { cancelable?: boolean; detail?: Detail })
    readonly detail: Detail
  }

  type EventListener = ((event: Event) => void) | { handleEvent(event: Event): void }

  class EventTarget {
    addEventListener(
      type: string,
      listener: EventListener | null,
      options?: boolean | { capture?: boolean; once?: boolean; signal?: AbortSignal },
    ): void
    removeEventListener(type: string, listener: EventListener | null, options?: boolean | { capture?: boolean }): void
    dispatchEvent(event: Event): boolean
  }

  class AbortSignal extends EventTarget {
    private constructor()
    static abort(reason?: unknown): AbortSignal
    static timeout(milliseconds: number): AbortSignal
    static any(signals: Iterable<AbortSignal>): AbortSignal
    readonly aborted: boolean
    readonly reason: any
    onabort: ((event: Event) => void) | null
    throwIfAborted(): void
  }

  class AbortController {
    readonly signal: AbortSignal
    abort(reason?: unknown): void
  }

  // HTTP.

  class Blob {
    constructor(parts?: Iterable<BufferSource | Blob | string>, options?: { type?: string; endings?: 'transparent' | 'native' })
    readonly size: number
    readonly type: string
    slice(start?: number, end?: number, type?: string): Blob
    bytes(): Promise<Uint8Array<ArrayBuffer>>
    arrayBuffer(): Promise<ArrayBuffer>
    text(): Promise<string>
    stream(): ReadableStream<Uint8Array<ArrayBuffer>>
  }

  class File extends Blob {
    constructor(
      parts: Iterable<BufferSource | Blob | string>,
      name: string,
      options?: { type?: string; endings?: 'transparent' | 'native'; lastModified?: number },
    )
    readonly name: string
    readonly lastModified: number
  }

  type FormDataEntryValue = File | string

  class FormData {
    append(name: string, value: string): void
    append(name: string, value: Blob, filename?: string): void
    set(name: string, value: string): void
    set(name: string, value: Blob, filename?: string): void
    delete(name: string): void
    get(name: string): FormDataEntryValue | null
    getAll(name: string): FormDataEntryValue[]
    has(name: string): boolean
    forEach(callback: (value: FormDataEntryValue, name: string, parent: FormData) => void, self?: unknown): void
    entries(): IterableIterator<[string, FormDataEntryValue]>
    keys(): IterableIterator<string>
    values(): IterableIterator<FormDataEntryValue>
    [Symbol.iterator](): IterableIterator<[string, FormDataEntryValue]>
  }

  /** A body, whole: of one chunk. There is no constructor. */
  interface ReadableStream<Chunk> {
    readonly locked: boolean
    getReader(): ReadableStreamDefaultReader<Chunk>
    cancel(): Promise<void>
    tee(): [ReadableStream<Chunk>, ReadableStream<Chunk>]
    values(): AsyncIterableIterator<Chunk>
    [Symbol.asyncIterator](): AsyncIterableIterator<Chunk>
  }

  interface ReadableStreamDefaultReader<Chunk> {
    readonly closed: Promise<void>
    read(): Promise<{ done: false; value: Chunk } | { done: true; value: undefined }>
    releaseLock(): void
    cancel(): Promise<void>
  }

  type HeadersInit = Headers | Record<string, string> | Iterable<readonly [string, string]>
  type BodyInit = BufferSource | Blob | FormData | URLSearchParams | string

  class Headers {
    constructor(init?: HeadersInit)
    append(name: string, value: string): void
    delete(name: string): void
    get(name: string): string | null
    getSetCookie(): string[]
    has(name: string): boolean
    set(name: string, value: string): void
    forEach(callback: (value: string, name: string, parent: Headers) => void, self?: unknown): void
    entries(): IterableIterator<[string, string]>
    keys(): IterableIterator<string>
    values(): IterableIterator<string>
    [Symbol.iterator](): IterableIterator<[string, string]>
  }

  interface Body {
    readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null
    readonly bodyUsed: boolean
    arrayBuffer(): Promise<ArrayBuffer>
    blob(): Promise<Blob>
    bytes(): Promise<Uint8Array<ArrayBuffer>>
    /** Of bodies that are `application/x-www-form-urlencoded`. */
    formData(): Promise<FormData>
    json(): Promise<any>
    text(): Promise<string>
  }

  type RequestRedirect = 'follow' | 'manual' | 'error'

  interface RequestInit {
    method?: string
    headers?: HeadersInit
    body?: BodyInit | null
    redirect?: RequestRedirect
    signal?: AbortSignal | null
    /** These are accepted and have no effect. */
    cache?: string
    credentials?: string
    integrity?: string
    keepalive?: boolean
    mode?: string
    referrer?: string
    referrerPolicy?: string
  }

  interface Request extends Body {}
  class Request {
    constructor(input: string | URL | Request, init?: RequestInit)
    readonly method: string
    readonly url: string
    readonly headers: Headers
    readonly redirect: RequestRedirect
    readonly signal: AbortSignal
    clone(): Request
  }

  interface ResponseInit {
    status?: number
    statusText?: string
    headers?: HeadersInit
  }

  interface Response extends Body {}
  class Response {
    constructor(body?: BodyInit | null, init?: ResponseInit)
    static error(): Response
    static json(value: unknown, init?: ResponseInit): Response
    static redirect(url: string | URL, status?: number): Response
    readonly type: 'basic' | 'default' | 'error'
    readonly status: number
    readonly statusText: string
    readonly ok: boolean
    readonly headers: Headers
    readonly url: string
    readonly redirected: boolean
    clone(): Response
  }

  /** HTTPS to the hosts that the manifest allows. */
  function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>

  // The log.

  var console: {
    assert(condition?: unknown, ...values: unknown[]): void
    count(label?: string): void
    countReset(label?: string): void
    debug(...values: unknown[]): void
    dir(...values: unknown[]): void
    error(...values: unknown[]): void
    group(...values: unknown[]): void
    groupCollapsed(...values: unknown[]): void
    groupEnd(): void
    info(...values: unknown[]): void
    log(...values: unknown[]): void
    table(data?: unknown): void
    time(label?: string): void
    timeEnd(label?: string): void
    timeLog(label?: string, ...values: unknown[]): void
    trace(...values: unknown[]): void
    warn(...values: unknown[]): void
  }

  // Cryptography.

  type KeyUsage = 'encrypt' | 'decrypt' | 'sign' | 'verify' | 'deriveKey' | 'deriveBits' | 'wrapKey' | 'unwrapKey'
  type KeyFormat = 'raw' | 'spki' | 'pkcs8' | 'jwk'
  type HashAlgorithm = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'
  type HashAlgorithmIdentifier = HashAlgorithm | { name: HashAlgorithm }

  interface JsonWebKey {
    kty?: string
    use?: string
    key_ops?: string[]
    alg?: string
    ext?: boolean
    k?: string
    crv?: string
    x?: string
    y?: string
    d?: string
    n?: string
    e?: string
  }

  class CryptoKey {
    private constructor()
    readonly type: 'secret' | 'public' | 'private'
    readonly extractable: boolean
    readonly algorithm: { readonly name: string }
    readonly usages: readonly KeyUsage[]
  }

  interface HmacParams {
    name: 'HMAC'
    hash: HashAlgorithmIdentifier
    length?: number
  }
  interface AesKeyParams {
    name: 'AES-GCM'
    length: 128 | 256
  }
  interface AesGcmParams {
    name: 'AES-GCM'
    /** 12 bytes. */
    iv: BufferSource
    additionalData?: BufferSource
    tagLength?: 96 | 104 | 112 | 120 | 128
  }
  interface EcKeyParams {
    name: 'ECDSA'
    namedCurve: 'P-256' | 'P-384'
  }
  interface EcdsaParams {
    name: 'ECDSA'
    hash: HashAlgorithmIdentifier
  }
  /** Public keys, to verify with. */
  interface RsaParams {
    name: 'RSASSA-PKCS1-v1_5'
    hash: HashAlgorithmIdentifier
  }
  interface HkdfParams {
    name: 'HKDF'
    hash: HashAlgorithmIdentifier
    salt: BufferSource
    info: BufferSource
  }
  interface Pbkdf2Params {
    name: 'PBKDF2'
    hash: HashAlgorithmIdentifier
    salt: BufferSource
    iterations: number
  }
  type Named<Name extends string> = Name | { name: Name }
  type ImportParams =
    | HmacParams
    | EcKeyParams
    | RsaParams
    | Named<'AES-GCM'>
    | Named<'Ed25519'>
    | Named<'HKDF'>
    | Named<'PBKDF2'>
  type SignParams = Named<'HMAC'> | Named<'Ed25519'> | EcdsaParams
  type VerifyParams = SignParams | Named<'RSASSA-PKCS1-v1_5'>

  class SubtleCrypto {
    private constructor()
    digest(algorithm: HashAlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer>
    importKey(
      format: 'jwk',
      key: JsonWebKey,
      algorithm: ImportParams,
      extractable: boolean,
      usages: readonly KeyUsage[],
    ): Promise<CryptoKey>
    importKey(
      format: Exclude<KeyFormat, 'jwk'>,
      key: BufferSource,
      algorithm: ImportParams,
      extractable: boolean,
      usages: readonly KeyUsage[],
    ): Promise<CryptoKey>
    exportKey(format: 'jwk', key: CryptoKey): Promise<JsonWebKey>
    exportKey(format: Exclude<KeyFormat, 'jwk'>, key: CryptoKey): Promise<ArrayBuffer>
    generateKey(
      algorithm: HmacParams | AesKeyParams,
      extractable: boolean,
      usages: readonly KeyUsage[],
    ): Promise<CryptoKey>
    generateKey(
      algorithm: EcKeyParams | Named<'Ed25519'>,
      extractable: boolean,
      usages: readonly KeyUsage[],
    ): Promise<{ publicKey: CryptoKey; privateKey: CryptoKey }>
    sign(algorithm: SignParams, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>
    verify(algorithm: VerifyParams, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean>
    encrypt(algorithm: AesGcmParams, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>
    decrypt(algorithm: AesGcmParams, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>
    deriveBits(algorithm: HkdfParams | Pbkdf2Params, key: CryptoKey, length: number): Promise<ArrayBuffer>
    deriveKey(
      algorithm: HkdfParams | Pbkdf2Params,
      key: CryptoKey,
      derived: AesKeyParams | HmacParams,
      extractable: boolean,
      usages: readonly KeyUsage[],
    ): Promise<CryptoKey>
  }

  var crypto: {
    /** At most 65 536 bytes at once. */
    getRandomValues<Integers extends ArrayBufferView>(array: Integers): Integers
    randomUUID(): `${string}-${string}-${string}-${string}-${string}`
    readonly subtle: SubtleCrypto
  }
}
