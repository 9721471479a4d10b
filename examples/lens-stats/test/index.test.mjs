// Runs the bundle against answers that the Lens API may give, and some that it should not.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'

import { decodeAbiParameters, encodeAbiParameters, hexToBytes } from 'viem'

import main from '../dist/index.js'

const API = 'https://lens.example/graphql'
const realFetch = globalThis.fetch
console.warn = () => {}
afterEach(() => {
  globalThis.fetch = realFetch
})

/** Runs the contract with `answer` in place of the network; returns [kind, value]. */
async function run(answer, profileId = '0x01') {
  globalThis.fetch = answer
  const input = hexToBytes(encodeAbiParameters([{ type: 'string' }], [profileId]))
  const output = await main({ input, settings: { lens_api: API } })
  assert.ok(output instanceof Uint8Array)
  assert.equal(output.length, 64)
  return decodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], output)
}

const says = (text, status = 200) => async () => new Response(text, { status })
const profile = (followers) => says(`{"data":{"profile":{"id":"0x01","stats":{"followers":${followers}}}}}`)

test('asks for the profile and returns its followers', async () => {
  let sent
  const result = await run(async (url, init) => {
    sent = { url, ...init, body: JSON.parse(init.body) }
    return profile(31337)()
  }, '0x2a"\\')
  assert.deepEqual(result, [0n, 31337n])
  assert.equal(sent.url, API)
  assert.equal(sent.method, 'POST')
  assert.equal(sent.headers['content-type'], 'application/json')
  assert.deepEqual(sent.body.variables, { request: { forProfileId: '0x2a"\\' } })
  assert.match(sent.body.query, /profile\(request: \$request\)/)
})

for (const [name, answer, wanted] of [
  ['no followers', profile(0), [0n, 0n]],
  ['the most followers that are exact', profile(2 ** 53 - 1), [0n, BigInt(2 ** 53 - 1)]],
  ['no such profile', says('{"data":{"profile":null}}'), [2n, 1n]],
  ['no network', async () => { throw new TypeError('connection refused') }, [2n, 2n]],
  ['status 500', says('{"data":{"profile":null}}', 500), [2n, 2n]],
  ['status 404', says('', 404), [2n, 2n]],
  ['status 201', says('{"data":{"profile":null}}', 201), [2n, 2n]],
  ['a body that breaks off', async () => ({ status: 200, text: async () => { throw new Error('reset') } }), [2n, 2n]],
  ['no JSON', says('<html>'), [2n, 3n]],
  ['no body', says(''), [2n, 3n]],
  ['null', says('null'), [2n, 3n]],
  ['an array', says('[]'), [2n, 3n]],
  ['no data', says('{}'), [2n, 3n]],
  ['data null', says('{"data":null}'), [2n, 3n]],
  ['errors and no profile', says('{"data":{"profile":null},"errors":[{"message":"x"}]}'), [2n, 3n]],
  ['no stats', says('{"data":{"profile":{}}}'), [2n, 3n]],
  ['stats null', says('{"data":{"profile":{"stats":null}}}'), [2n, 3n]],
  ['a profile that is text', says('{"data":{"profile":"stats"}}'), [2n, 3n]],
  ['negative followers', profile(-1), [2n, 3n]],
  ['half a follower', profile(0.5), [2n, 3n]],
  ['more followers than are exact', profile(2 ** 53), [2n, 3n]],
  ['more followers than a double holds', profile('1e999'), [2n, 3n]],
  ['followers as text', profile('"12"'), [2n, 3n]],
  ['followers null', profile('null'), [2n, 3n]],
  ['followers true', profile('true'), [2n, 3n]],
]) {
  test(name, async () => assert.deepEqual(await run(answer), wanted))
}

test('a wrong input or manifest fails the run', async () => {
  const input = hexToBytes(encodeAbiParameters([{ type: 'string' }], ['0x01']))
  await assert.rejects(main({ input: new Uint8Array([1, 2, 3]), settings: { lens_api: API } }))
  await assert.rejects(main({ input, settings: {} }), /settings\.lens_api/)
})
