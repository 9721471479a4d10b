// Messages: the same bytes as those of the crate phat-envelope, whose vectors these are.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

import { sealRequest } from '../dist/envelope.js'
import { fromHex, toHex } from '../dist/bytes.js'

const file = new URL('../../../trust/envelope/vectors/call.json', import.meta.url)
const vector = JSON.parse(await readFile(file, 'utf8'))
const bytes = (name) => fromHex(`0x${vector[name]}`, name)

const seal = (ephemeralSeed) =>
  sealRequest({
    to: bytes('public_key'),
    info: bytes('info'),
    aad: bytes('aad'),
    plaintext: bytes('plaintext'),
    ...(ephemeralSeed && { ephemeralSeed }),
  })

test('messages and answers are those of the other implementation', async () => {
  const { sealed, open } = await seal(bytes('ephemeral_seed'))
  assert.equal(toHex(sealed), `0x${vector.sealed}`)
  assert.deepEqual(await open(bytes('sealed_answer')), bytes('answer'))
})

test('the same text is never sealed to the same bytes', async () => {
  const [first, second] = [await seal(), await seal()]
  assert.notEqual(toHex(first.sealed), toHex(second.sealed))
})

test('an answer that is changed, cut or to another message does not open', async () => {
  const { open } = await seal(bytes('ephemeral_seed'))
  const answer = bytes('sealed_answer')
  for (const index of [0, 31, 32, answer.length - 1]) {
    const changed = answer.slice()
    changed[index] ^= 1
    await assert.rejects(open(changed), { name: 'AnswerError', message: /does not open/ })
  }
  await assert.rejects(open(answer.slice(0, -1)), /does not open/)
  await assert.rejects(open(answer.slice(0, 47)), /too short/)
  const other = await seal()
  await assert.rejects(other.open(answer), /does not open/)
})

test('there is no sealing to a key of small order', async () => {
  await assert.rejects(
    sealRequest({
      to: new Uint8Array(32),
      info: bytes('info'),
      aad: bytes('aad'),
      plaintext: bytes('plaintext'),
    }),
  )
})
