// A worker on a loopback port: it decrypts what is encrypted to it and answers as a test says.

import { createServer } from 'node:http'

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { getPublicKey, secretFromSeed, sign } from '@scure/sr25519'

import { concat, fromHex, toHex, utf8 } from '../dist/bytes.js'
import { blake2b256, encodeReceiptBody, receiptHash } from '../dist/receipt.js'

export const GENESIS = `0x${'ee'.repeat(32)}`
export const CONTRACT = `0x${'c0'.repeat(32)}`

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})

/** The worker's secret key, and the bytes of its public one. */
export async function keyPair() {
  const pair = await suite.kem.generateKeyPair()
  const key = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey))
  return { secret: pair.privateKey, key }
}

/** Decrypts a call: its text, and what encrypts the answer. */
export async function decrypt(secret, sealed, genesis = GENESIS, contract = CONTRACT) {
  const encapsulated = sealed.slice(0, 32)
  const context = await suite.createRecipientContext({
    recipientKey: secret,
    enc: encapsulated,
    info: utf8('phat/call/1'),
  })
  const aad = concat(fromHex(genesis, 'genesis'), fromHex(contract, 'contract'))
  const plaintext = new Uint8Array(await context.open(sealed.slice(32), aad))
  const exported = new Uint8Array(await context.export(utf8('phat/call-answer/1'), 32))
  const encrypt = async (answer) => {
    const nonce = crypto.getRandomValues(new Uint8Array(32))
    const derived = extract(sha256, exported, concat(encapsulated, nonce))
    const raw = expand(sha256, derived, utf8('key'), 32)
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt'])
    const iv = expand(sha256, derived, utf8('nonce'), 12)
    const ciphertext = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, answer)
    return concat(nonce, new Uint8Array(ciphertext))
  }
  return { text: new TextDecoder().decode(plaintext), encrypt }
}

const identity = secretFromSeed(new Uint8Array(32).fill(1))
export const WORKER = toHex(getPublicKey(identity))

/** Signs the body of a receipt with this worker's key. */
export function signed(body) {
  const payload = concat(utf8('phat/receipt/1'), blake2b256(encodeReceiptBody(body)))
  return { body, signature: toHex(sign(identity, payload)) }
}

/** The answer of a worker whose contract gives its input back, reversed. */
export function answer(input, changes = {}) {
  const output = input.slice().reverse()
  const thirtyTwo = (digits) => `0x${digits.repeat(32)}`
  const body = {
    genesis_hash: GENESIS,
    worker: WORKER,
    contract: CONTRACT,
    code_hash: thirtyTwo('03'),
    engine_hash: thirtyTwo('04'),
    request: thirtyTwo('05'),
    origin: { kind: 'http' },
    input_hash: toHex(blake2b256(input)),
    result: 'succeeded',
    output_hash: toHex(blake2b256(output)),
    transcript_root: thirtyTwo('06'),
    fuel_used: 1_000,
    ended_at_ms: 1_700_000_000_123,
    ...changes,
  }
  return {
    request: body.request,
    output: toHex(output),
    success: body.result === 'succeeded',
    receipt: receiptHash(body),
    signed: signed(body),
    fuel_used: body.fuel_used,
    logs: [{ sequence: 0, request: body.request, level: 'info', message: 'ran' }],
  }
}

/**
 * Serves until the test ends. `respond` gets the parsed body of each request and gives the
 * status and what is answered: an object as JSON, a text as it is.
 */
export async function serve(context, respond) {
  const asked = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({ method: request.method, url: request.url, body })
    const [status, answered] = await respond(JSON.parse(body))
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof answered === 'string' ? answered : JSON.stringify(answered))
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${server.address().port}`, asked }
}
