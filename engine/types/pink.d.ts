/**
 * The globals of scripts for the older platform. Its functions are synchronous, and a
 * string that starts with `0x` stands for the bytes of its digits.
 */

import type { ScaleCodec, ScaleType, TypeRegistry } from 'phat'

type Bytes = Uint8Array | string

/** Bytes, a string of `0x` and digits for bytes, other text, or nothing. */
type ScriptResult = Uint8Array | ArrayBuffer | string | undefined

export interface PinkRequest {
  url: string
  /** GET if it is left out. */
  method?: string
  headers?: Record<string, string> | [string, string][]
  body?: Bytes
  /** A body that is text, also where it starts with `0x`. */
  textBody?: string
  /** Whether the body of the response is a string. */
  returnTextBody?: boolean
}

export interface PinkResponse {
  /** 523 if the host was not reached, 524 if it broke off or did not answer in time. */
  statusCode: number
  reasonPhrase: string
  headers: Record<string, string>
  body: Uint8Array<ArrayBuffer> | string
  /** Why there is no response. */
  error?: string
}

export interface Pink {
  httpRequest(request: PinkRequest): PinkResponse
  /** All at once, up to 64; those without an answer after the time have status 524. */
  batchHttpRequest(requests: PinkRequest[], timeoutMs?: number): PinkResponse[]
  /** @deprecated It throws: contracts do not call each other. */
  invokeContract(call: object): never
  /** @deprecated It throws: contracts do not call each other. */
  invokeContractDelegate(call: object): never
  /** 64 bytes that only this script of this contract gets for the salt. */
  deriveSecret(salt: Bytes): Uint8Array<ArrayBuffer>
  /** 64 random bytes, the same for this script of this contract and the salt. */
  vrf(salt: Bytes): Uint8Array<ArrayBuffer>
  hash(
    algorithm: 'blake2b128' | 'blake2b256' | 'blake2b512' | 'keccak256' | 'sha256',
    message: Bytes,
  ): Uint8Array<ArrayBuffer>
  /** The hash of the script. */
  jsCodeHash(): Uint8Array<ArrayBuffer>
  SCALE: {
    parseTypes(types: string): TypeRegistry
    codec(type: ScaleType, registry?: TypeRegistry): ScaleCodec
    encode(value: unknown, type: ScaleType, registry?: TypeRegistry): Uint8Array<ArrayBuffer>
    decode(data: Bytes, type: ScaleType, registry?: TypeRegistry): any
  }
  version: string
  inspect(...values: unknown[]): void
}

declare global {
  /** The input as `0x` and digits, and the settings. */
  var scriptArgs: [request: string, settings: string]
  /** The result of a script, or a promise of it. */
  var scriptOutput: ScriptResult | PromiseLike<ScriptResult>
  var pink: Pink
  var Pink: Pink
}
