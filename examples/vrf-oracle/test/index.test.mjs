// Runs the contract as the engine does, but for a key that everyone knows.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { secp256k1 } from '@noble/curves/secp256k1'
import { build } from 'esbuild'

import { abi } from './support/phat.mjs'

const bundled = await build({
  entryPoints: ['src/index.ts'],
  bundle: true,
  format: 'esm',
  write: false,
  alias: { phat: './test/support/phat.mjs' },
})
const code = Buffer.from(bundled.outputFiles[0].contents).toString('base64')
const { default: main } = await import(`data:text/javascript;base64,${code}`)

globalThis.pink = { deriveSecret: () => new Uint8Array(64).fill(7) }
Uint8Array.prototype.toHex ??= function () {
  return Buffer.from(this).toString('hex')
}
console.log = () => {}

const CONSUMER = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const values = [31337n, BigInt(CONSUMER), 1n, 0xc0ffee254729296a45a3885639ac7e10f9d54979n, 5n, 6n]
const input = abi.encode(values, values)
const asked = { input, chain: 'eip155:31337', caller: CONSUMER, settings: {} }
const called = { ...asked, chain: '', caller: '' }
const numbers = (bytes) => abi.decode(Array(bytes.length / 32).fill('uint256'), bytes)
const point = (x, y) => secp256k1.ProjectivePoint.fromAffine({ x, y })

test('a call over HTTP gets the public key, whatever it asks, and no proof', async () => {
  const key = await main({ ...called, input: new Uint8Array() })
  assert.equal(key.length, 64)
  point(...numbers(key)).assertValidity()
  assert.deepEqual(await main(called), key)
})

test('a request gets a proof with the products that check it', async () => {
  const [x, y] = numbers(await main(called))
  const [gx, gy, c, s, ux, uy, , , wx, wy] = numbers(await main(asked))
  const { BASE } = secp256k1.ProjectivePoint
  const u = BASE.multiply(s).subtract(point(x, y).multiply(c))
  assert.ok(u.equals(point(ux, uy)))
  assert.ok(point(gx, gy).multiply(c).equals(point(wx, wy)))
  assert.deepEqual(await main(asked), await main(asked))
  assert.notDeepEqual(await main({ ...asked, input: abi.encode(values, [...values.slice(0, 5), 7n]) }), await main(asked))
})

test('a call gets a proof only where the manifest says so', async () => {
  assert.deepEqual(await main({ ...called, settings: { proves_calls: true } }), await main(asked))
  assert.equal((await main({ ...called, settings: { proves_calls: 'yes' } })).length, 64)
})

test('what the anchor does not tell is refused', async () => {
  await assert.rejects(main({ ...asked, chain: 'eip155:1' }), /for chain 31337/)
  await assert.rejects(main({ ...asked, caller: `0x${'11'.repeat(20)}` }), /is of 0x5fbdb2/i)
  await assert.rejects(main({ ...asked, input: input.subarray(1) }), /192 bytes/)
  await assert.rejects(main({ ...asked, input: new Uint8Array(193) }), /192 bytes/)
})
