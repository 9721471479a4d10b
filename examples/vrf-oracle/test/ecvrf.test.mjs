// Runs the function against the vectors of RFC 9381, appendix B.1, which are on P-256.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import { p256 } from '@noble/curves/p256'
import { secp256k1 } from '@noble/curves/secp256k1'
import { build } from 'esbuild'

const bundled = await build({
  entryPoints: ['src/ecvrf.ts'],
  bundle: true,
  format: 'esm',
  write: false,
})
const code = Buffer.from(bundled.outputFiles[0].contents).toString('base64')
const { encodeProof, output, prove, publicKey, secretKey } = await import(`data:text/javascript;base64,${code}`)

const RFC = { curve: p256, octet: 1 }
const OURS = { curve: secp256k1, octet: 0xfe }
const hexOf = (bytes) => Buffer.from(bytes).toString('hex')

for (const { secret, key, alpha, h, proof, beta } of [
  {
    secret: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    key: '0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
    alpha: 'sample',
    h: '0272a877532e9ac193aff4401234266f59900a4a9e3fc3cfc6a4b7e467a15d06d4',
    proof: '035b5c726e8c0e2c488a107c600578ee75cb702343c153cb1eb8dec77f4b5071b4a53f0a46f018bc2c56e58d383f2305e0975972c26feea0eb122fe7893c15af376b33edf7de17c6ea056d4d82de6bc02f',
    beta: 'a3ad7b0ef73d8fc6655053ea22f9bede8c743f08bbed3d38821f0e16474b505e',
  },
  {
    secret: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    key: '0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
    alpha: 'test',
    h: '02173119b4fff5e6f8afed4868a29fe8920f1b54c2cf89cc7b301d0d473de6b974',
    proof: '034dac60aba508ba0c01aa9be80377ebd7562c4a52d74722e0abae7dc3080ddb56c19e067b15a8a8174905b13617804534214f935b94c2287f797e393eb0816969d864f37625b443f30f1a5a33f2b3c854',
    beta: 'a284f94ceec2ff4b3794629da7cbafa49121972671b466cab4ce170aa365f26d',
  },
]) {
  test(`the RFC's example for ${alpha}`, () => {
    const made = prove(RFC, BigInt(`0x${secret}`), new TextEncoder().encode(alpha))
    assert.equal(hexOf(made.publicKey.toRawBytes(true)), key)
    assert.equal(hexOf(made.h.toRawBytes(true)), h)
    assert.equal(hexOf(encodeProof(made)), proof)
    assert.equal(hexOf(output(RFC, made)), beta)
  })
}

test('a proof on secp256k1 holds, and under another key it does not', () => {
  const { BASE } = secp256k1.ProjectivePoint
  const holds = (key, { h, gamma, c, s }) => {
    const u = BASE.multiply(s).subtract(key.multiply(c))
    const v = h.multiply(s).subtract(gamma.multiply(c))
    const points = [key, h, gamma, u, v].map((point) => point.toRawBytes(true))
    const hashed = Buffer.concat([Uint8Array.of(0xfe, 2), ...points, Uint8Array.of(0)])
    const hash = createHash('sha256').update(hashed).digest('hex')
    return c === BigInt(`0x${hash.slice(0, 32)}`)
  }
  const secret = secretKey(OURS, new Uint8Array(64).fill(7))
  const proof = prove(OURS, secret, new Uint8Array(32))
  assert.ok(proof.publicKey.equals(publicKey(OURS, secret)))
  assert.ok(holds(proof.publicKey, proof))
  assert.ok(!holds(publicKey(OURS, secret + 1n), proof))
  assert.ok(!holds(proof.publicKey, { ...proof, s: proof.s + 1n }))
  const other = prove(OURS, secret, new Uint8Array(31))
  assert.ok(!holds(proof.publicKey, { ...proof, gamma: other.gamma }))
  assert.notDeepEqual(output(OURS, other), output(OURS, proof))
  assert.deepEqual(prove(OURS, secret, new Uint8Array(32)), proof)
})

test('a secret key is below the order and never zero', () => {
  const { n } = secp256k1.CURVE
  const ofNumber = (number) => {
    const hex = number.toString(16).padStart(96, '0')
    return secretKey(OURS, Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16)))
  }
  assert.equal(ofNumber(0n), 1n)
  assert.equal(ofNumber(n - 2n), n - 1n)
  assert.equal(ofNumber(n - 1n), 1n)
  assert.throws(() => secretKey(OURS, new Uint8Array(47)), /48 bytes/)
})
