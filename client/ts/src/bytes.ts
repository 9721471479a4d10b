// Bytes, and the hexadecimal digits that they are in JSON.

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** Bytes as `0x` and hexadecimal digits. */
export type Hex = `0x${string}`

/** Bytes, as they are or as `0x` and hexadecimal digits. */
export type Bytes = Uint8Array | Hex

/** Bytes of memory that is not shared with other threads, which is what the cipher takes. */
export type OwnBytes = Uint8Array<ArrayBuffer>

/** The digits of bytes. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`
}

/** The bytes of digits. */
export function fromHex(digits: string, what: string): OwnBytes {
  const form = `${what} must be 0x and an even number of hexadecimal digits`
  if (typeof digits !== 'string' || !digits.startsWith('0x')) throw new TypeError(form)
  try {
    return new Uint8Array(hexToBytes(digits.slice(2)))
  } catch (error) {
    throw new TypeError(form, { cause: error })
  }
}

/** A copy of bytes in either form. */
export function toBytes(value: Bytes, what: string): OwnBytes {
  if (typeof value === 'string') return fromHex(value, what)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw new TypeError(`${what} must be bytes, or 0x and hexadecimal digits`)
}

/** A copy of 32 bytes in either form. */
export function to32Bytes(value: Bytes, what: string): OwnBytes {
  const bytes = toBytes(value, what)
  if (bytes.length !== 32) throw new TypeError(`${what} must have 32 bytes, not ${bytes.length}`)
  return bytes
}

/** Parts, one after the other. */
export function concat(...parts: Uint8Array[]): OwnBytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Whether both have the same bytes. */
export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** The bytes of a text in UTF-8. */
export function utf8(text: string): OwnBytes {
  return new Uint8Array(new TextEncoder().encode(text))
}
