// Receipts: how they are encoded, hashed and signed.

import { blake2b } from '@noble/hashes/blake2.js'
import { verify } from '@scure/sr25519'

import { concat, fromHex, to32Bytes, toHex, utf8, type Hex, type OwnBytes } from './bytes.js'
import { AnswerError } from './errors.js'
import type { Origin, Receipt, ReceiptBody } from './types.js'

/** Separates signatures of receipts from all others of the same key. */
const DOMAIN = utf8('phat/receipt/1')

/** BLAKE2b with a digest of 32 bytes. */
export function blake2b256(bytes: Uint8Array): OwnBytes {
  return new Uint8Array(blake2b(bytes, { dkLen: 32 }))
}

/** The SCALE encoding of a receipt's body. */
export function encodeReceiptBody(body: ReceiptBody): Uint8Array {
  return concat(
    to32Bytes(body.genesis_hash, 'genesis_hash'),
    to32Bytes(body.worker, 'worker'),
    to32Bytes(body.contract, 'contract'),
    to32Bytes(body.code_hash, 'code_hash'),
    to32Bytes(body.engine_hash, 'engine_hash'),
    to32Bytes(body.request, 'request'),
    encodeOrigin(body.origin),
    to32Bytes(body.input_hash, 'input_hash'),
    Uint8Array.of(oneOf(body.result, ['succeeded', 'failed'], 'result')),
    to32Bytes(body.output_hash, 'output_hash'),
    to32Bytes(body.transcript_root, 'transcript_root'),
    u64(body.fuel_used, 'fuel_used'),
    u64(body.ended_at_ms, 'ended_at_ms'),
  )
}

/** The hash by which a receipt is found. */
export function receiptHash(body: ReceiptBody): Hex {
  return toHex(blake2b256(encodeReceiptBody(body)))
}

/**
 * Checks that the worker that a receipt names signed it, and throws an `AnswerError` if not.
 * Whether that worker is one of the network's is for the chain to tell.
 */
export function verifyReceiptSignature(receipt: Receipt): void {
  const { body, signature } = receipt
  const payload = concat(DOMAIN, blake2b256(encodeReceiptBody(body)))
  const worker = to32Bytes(body.worker, 'worker')
  let isSigned: boolean
  try {
    isSigned = verify(payload, fromHex(signature, 'signature'), worker)
  } catch (error) {
    throw new AnswerError('the key or the signature of the receipt is malformed', { cause: error })
  }
  if (!isSigned) {
    throw new AnswerError(`the signature does not match: the receipt was changed, or ${body.worker} did not sign it`)
  }
}

function encodeOrigin(origin: Origin): Uint8Array {
  switch (oneOf(origin.kind, ['http', 'anchor', 'trigger'], 'origin')) {
    case 0:
      return Uint8Array.of(0)
    case 2: {
      const trigger = origin as Extract<Origin, { kind: 'trigger' }>
      return concat(Uint8Array.of(2), withLength(utf8(trigger.name)))
    }
    default: {
      const anchor = origin as Extract<Origin, { kind: 'anchor' }>
      return concat(
        Uint8Array.of(1),
        withLength(utf8(anchor.chain)),
        withLength(fromHex(anchor.anchor, 'anchor')),
        to32Bytes(anchor.number, 'number'),
        u64(anchor.block, 'block'),
      )
    }
  }
}

/** Where a word is among those that there are: the index of its variant. */
function oneOf(word: string, words: string[], what: string): number {
  const index = words.indexOf(word)
  if (index < 0) throw new TypeError(`${what} must be one of ${words.join(', ')}, not ${String(word)}`)
  return index
}

/** Eight bytes, the lowest first. */
function u64(value: number, what: string): Uint8Array {
  // Beyond, the number that JSON.parse gives is another one than what was written.
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new TypeError(`${what} must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
  }
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

/** Bytes after their number, in SCALE's compact form. */
function withLength(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  if (length < 1 << 6) return concat(Uint8Array.of(length << 2), bytes)
  const prefix = new Uint8Array(length < 1 << 14 ? 2 : 4)
  const view = new DataView(prefix.buffer)
  if (length < 1 << 14) view.setUint16(0, (length << 2) | 1, true)
  else if (length < 1 << 30) view.setUint32(0, (length << 2) | 2, true)
  else throw new TypeError('a receipt holds no text of a gigabyte')
  return concat(prefix, bytes)
}
