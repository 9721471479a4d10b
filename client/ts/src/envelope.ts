// Messages that only the holder of an X25519 key can read, and the answers to them:
// HPKE (RFC 9180) in base mode, with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
// Answers are encrypted as in Oblivious HTTP (RFC 9458, section 4.4).

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'

import { concat, utf8, type OwnBytes } from './bytes.js'
import { AnswerError } from './errors.js'

/** What the secret of answers is exported from a message's context for. */
const ANSWER_CONTEXT = utf8('phat/call-answer/1')
/** The bytes of the cipher's key, of that secret and of an answer's nonce. */
const KEY_BYTES = 32
/** The bytes of the cipher's nonce. */
const NONCE_BYTES = 12
/** The bytes of a tag. */
const TAG_BYTES = 16

/** A sealed message, and what opens the answer to it. */
export interface SealedRequest {
  /** The encapsulated key, 32 bytes, then the ciphertext. */
  sealed: OwnBytes
  /** Decrypts the answer. */
  open(answer: OwnBytes): Promise<Uint8Array>
}

/** What goes into a message. */
export interface Message {
  /** The X25519 public key to seal to. */
  to: OwnBytes
  /** What messages of this kind are for. */
  info: OwnBytes
  /** What this message belongs to. */
  aad: OwnBytes
  plaintext: OwnBytes
  /** What the ephemeral key is derived from, in tests. It is random otherwise, as it must be. */
  ephemeralSeed?: OwnBytes
}

/** Seals a message. */
export async function sealRequest(message: Message): Promise<SealedRequest> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  })
  const { ephemeralSeed } = message
  const context = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.deserializePublicKey(message.to),
    info: message.info,
    ...(ephemeralSeed && { ekm: ephemeralSeed }),
  })
  const ciphertext = await context.seal(message.plaintext, message.aad)
  const encapsulated = new Uint8Array(context.enc)
  const secret = new Uint8Array(await context.export(ANSWER_CONTEXT, KEY_BYTES))
  return {
    sealed: concat(encapsulated, new Uint8Array(ciphertext)),
    open: (answer) => openAnswer(encapsulated, secret, answer),
  }
}

async function openAnswer(encapsulated: Uint8Array, secret: Uint8Array, answer: OwnBytes): Promise<Uint8Array> {
  if (answer.length < KEY_BYTES + TAG_BYTES) throw new AnswerError('the encrypted answer is too short')
  const nonce = answer.subarray(0, KEY_BYTES)
  const derived = extract(sha256, secret, concat(encapsulated, nonce))
  const keyBytes = new Uint8Array(expand(sha256, derived, utf8('key'), KEY_BYTES))
  const iv = new Uint8Array(expand(sha256, derived, utf8('nonce'), NONCE_BYTES))
  const key = await crypto.subtle.importKey('raw', keyBytes, 'AES-GCM', false, ['decrypt'])
  try {
    const ciphertext = answer.subarray(KEY_BYTES)
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, ciphertext))
  } catch (error) {
    throw new AnswerError('the answer does not open: it is that to another call, or it was changed on the way', {
      cause: error,
    })
  }
}
