// What each side is told, byte for byte, and what fails the run.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import main from '../index.js'

const ACCOUNT = `0x${'a1'.repeat(32)}`
const ADDRESS = `0x${'b2'.repeat(20)}`
const CAP = 10n ** 21n

const word = (value) => BigInt(value).toString(16).padStart(64, '0')
const run = (trigger, log) =>
  Buffer.from(main({ input: new TextEncoder().encode(JSON.stringify({ trigger, log })) })).toString('hex')
const locked = (fields) => run('locked', { pallet: 'Bridge', variant: 'Locked', fields })
const minted = (number) => run('minted', { topics: ['0x00', `0x${number}`], data: '0x' })
const burned = (number, recipient, amount) =>
  run('burned', { topics: ['0x00', `0x${number}`], data: `0x${recipient}${amount}` })

test('a lock is told as the token takes it', () => {
  const expected = word(7) + '0'.repeat(24) + 'b2'.repeat(20) + word(500)
  assert.equal(locked({ number: 7, recipient: ADDRESS, amount: 500 }), expected)
  // What is above the exact integers of JSON comes as text.
  const large = word(2n ** 64n - 1n) + '0'.repeat(24) + 'b2'.repeat(20) + word(CAP)
  assert.equal(locked({ number: '18446744073709551615', recipient: ADDRESS, amount: `${CAP}` }), large)
})

test('a mint is told as the pallet takes it', () => {
  assert.equal(minted(word(1)), '000100000000000000')
  assert.equal(minted(word(2n ** 64n - 1n)), `00${'ff'.repeat(8)}`)
})

test('a burn is told as the pallet takes it', () => {
  const expected = `01${'0201000000000000'}${'a1'.repeat(32)}${'0000a0dec5adc9353600000000000000'}`
  assert.equal(burned(word(258), 'a1'.repeat(32), word(CAP)), expected)
  assert.equal(run('burned', { topics: ['0x', `0x${word(1)}`], data: ACCOUNT + word(1) }).length, 2 * 57)
})

for (const [name, call] of [
  ['another trigger', () => run('other', {})],
  ['a trigger that every object has', () => run('toString', {})],
  ['no trigger', () => run(undefined, {})],
  ['no log', () => run('locked', undefined)],
  ['no fields', () => run('locked', {})],
  ['a number below 0', () => locked({ number: -1, recipient: ADDRESS, amount: 1 })],
  ['a number that is not whole', () => locked({ number: 0.5, recipient: ADDRESS, amount: 1 })],
  ['a number that is not exact', () => locked({ number: 2 ** 53, recipient: ADDRESS, amount: 1 })],
  ['a number of more than 64 bits', () => locked({ number: `${2n ** 64n}`, recipient: ADDRESS, amount: 1 })],
  ['an amount of more than 128 bits', () => locked({ number: 1, recipient: ADDRESS, amount: `${2n ** 128n}` })],
  ['an amount in other digits', () => locked({ number: 1, recipient: ADDRESS, amount: '0x10' })],
  ['a recipient of another length', () => locked({ number: 1, recipient: ACCOUNT, amount: 1 })],
  ['no recipient', () => locked({ number: 1, amount: 1 })],
  ['a mint without a number', () => run('minted', { topics: ['0x00'], data: '0x' })],
  ['a mint of more than 64 bits', () => minted(word(2n ** 64n))],
  ['a burn of more than 128 bits', () => burned(word(1), 'a1'.repeat(32), word(2n ** 128n))],
  ['a burn with more data', () => burned(word(1), 'a1'.repeat(32), word(1) + '00')],
  ['a burn with less data', () => burned(word(1), 'a1'.repeat(32), '')],
]) {
  test(`${name} fails the run`, () => assert.throws(call))
}

test('an input that is no JSON fails the run', () => {
  for (const input of [[], [0xff], [0x7b]]) assert.throws(() => main({ input: Uint8Array.from(input) }))
})
