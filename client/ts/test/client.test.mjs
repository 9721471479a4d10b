// The client, against a worker that answers as it should and one that does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { AnswerError, PhatClient, RequestError } from '../dist/index.js'
import { fromHex, toHex, utf8 } from '../dist/bytes.js'
import { CONTRACT, GENESIS, WORKER, answer, decrypt, keyPair, serve } from '../testing/worker.mjs'

const INPUT = utf8('abc')
const text = (bytes) => new TextDecoder().decode(bytes)
const client = (worker, more = {}) => new PhatClient({ url: worker.url, genesisHash: GENESIS, ...more })

/** A worker that decrypts, and what it decrypted. */
async function decrypting(context, change = (answer) => answer) {
  const { secret, key } = await keyPair()
  const texts = []
  const worker = await serve(context, async ({ encrypted }) => {
    const call = await decrypt(secret, fromHex(encrypted, 'encrypted'))
    texts.push(call.text)
    const { input, transcript } = JSON.parse(call.text)
    const given = answer(fromHex(input, 'input'))
    if (transcript) given.transcript = '0x0102'
    return [200, { encrypted: toHex(await call.encrypt(utf8(JSON.stringify(change(given))))) }]
  })
  return { ...worker, key, texts }
}

test('an encrypted call is read by the worker and the answer by the caller', async (context) => {
  const worker = await decrypting(context)
  const to = { kind: 'worker', key: worker.key, worker: WORKER }
  const given = await client(worker).callEncrypted(CONTRACT, INPUT, { to })
  assert.equal(text(given.output), 'cba')
  assert.equal(given.bundle, undefined)
  assert.deepEqual(worker.texts, ['{"input":"0x616263","transcript":false}'])
  const [{ url, body }] = worker.asked
  assert.equal(url, `/v1/contracts/${CONTRACT}/call?worker=${WORKER}`)
  const { encrypted, ...rest } = JSON.parse(body)
  assert.deepEqual(rest, { to: 'worker' })
  assert.ok(!encrypted.includes('616263'))
})

test('a call to the key of a cluster names its generation and no worker', async (context) => {
  const worker = await decrypting(context)
  const to = { kind: 'cluster', key: toHex(worker.key), generation: 3 }
  const given = await client(worker).callEncrypted(CONTRACT, INPUT, { to, padding: 'x'.repeat(5) })
  assert.equal(text(given.output), 'cba')
  assert.equal(JSON.parse(worker.texts[0]).padding, 'xxxxx')
  const [{ url, body }] = worker.asked
  assert.equal(url, `/v1/contracts/${CONTRACT}/call`)
  const { encrypted, ...rest } = JSON.parse(body)
  assert.deepEqual(rest, { to: 'cluster', generation: 3 })
})

test('the transcript comes when it is asked for, with all that a receipt needs', async (context) => {
  const worker = await decrypting(context)
  const to = { kind: 'worker', key: worker.key }
  const { bundle, receipt } = await client(worker).callEncrypted(CONTRACT, INPUT, { to, transcript: true })
  assert.deepEqual(bundle, { receipt, input: '0x616263', output: '0x636261', transcript: '0x0102' })
})

test('an answer that the worker did not sign for this call is refused', async (context) => {
  const wrong = `0x${'09'.repeat(32)}`
  const resigned = (changes) => () => answer(INPUT, changes)
  const changes = [
    [/another chain/, resigned({ genesis_hash: wrong })],
    [/another contract/, resigned({ contract: wrong })],
    [/another input/, resigned({ input_hash: wrong })],
    [/another output/, resigned({ output_hash: wrong })],
    [/another kind of request/, resigned({ origin: { kind: 'anchor', chain: 'eip155:1', anchor: '0xab', number: wrong, block: 1 } })],
    [/another request/, (given) => ({ ...given, request: wrong })],
    [/another result/, (given) => ({ ...given, success: false })],
    [/another amount of fuel/, (given) => ({ ...given, fuel_used: 1 })],
    [/another hash/, (given) => ({ ...given, receipt: wrong })],
    [/another output/, (given) => ({ ...given, output: '0x00' })],
    [/the signature does not match/, (given) => ({ ...given, signed: { ...given.signed, body: { ...given.signed.body, ended_at_ms: 1 } } })],
    [/none that a worker gives/, (given) => ({ ...given, signed: undefined })],
    [/none that a worker gives/, (given) => ({ ...given, output: 'cba' })],
    [/none that a worker gives/, () => null],
  ]
  for (const [message, change] of changes) {
    const plain = await serve(context, () => [200, change(answer(INPUT)) ?? {}])
    await assert.rejects(client(plain).call(CONTRACT, INPUT), { name: 'AnswerError', message })
    const worker = await decrypting(context, change)
    const to = { kind: 'worker', key: worker.key }
    await assert.rejects(client(worker).callEncrypted(CONTRACT, INPUT, { to }), { name: 'AnswerError', message })
  }
})

test('an answer by another worker than the one that is called is refused', async (context) => {
  const worker = await serve(context, () => [200, answer(INPUT)])
  const other = `0x${'09'.repeat(32)}`
  assert.equal(text((await client(worker).call(CONTRACT, INPUT, { worker: WORKER })).output), 'cba')
  await assert.rejects(client(worker).call(CONTRACT, INPUT, { worker: other }), /another worker/)
})

test('an answer in the clear, or to another call, is no answer to an encrypted call', async (context) => {
  const { key } = await keyPair()
  const to = { kind: 'worker', key }
  const plain = await serve(context, () => [200, answer(INPUT)])
  await assert.rejects(client(plain).callEncrypted(CONTRACT, INPUT, { to }), AnswerError)

  const { secret, key: own } = await keyPair()
  let first
  const replaying = await serve(context, async ({ encrypted }) => {
    const call = await decrypt(secret, fromHex(encrypted, 'encrypted'))
    first ??= toHex(await call.encrypt(utf8(JSON.stringify(answer(INPUT)))))
    return [200, { encrypted: first }]
  })
  const call = () => client(replaying).callEncrypted(CONTRACT, INPUT, { to: { kind: 'worker', key: own } })
  assert.equal(text((await call()).output), 'cba')
  await assert.rejects(call(), /does not open/)
})

test('a refusal has the code of the worker', async (context) => {
  const error = { code: 'busy', message: 'try again', retry_after_s: 2 }
  const worker = await serve(context, () => [503, { error }])
  const { key } = await keyPair()
  for (const call of [
    () => client(worker).call(CONTRACT, INPUT),
    () => client(worker).callEncrypted(CONTRACT, INPUT, { to: { kind: 'worker', key } }),
  ]) {
    await assert.rejects(call(), (thrown) => {
      assert.ok(thrown instanceof RequestError)
      assert.deepEqual([thrown.status, thrown.code, thrown.retryAfterS], [503, 'busy', 2])
      assert.match(thrown.message, /try again/)
      return true
    })
  }
  const proxy = await serve(context, () => [502, '<html>'])
  await assert.rejects(client(proxy).call(CONTRACT, INPUT), { name: 'AnswerError', message: /502.*no JSON/ })
  const strange = await serve(context, () => [500, {}])
  await assert.rejects(client(strange).call(CONTRACT, INPUT), { name: 'RequestError', code: 'unknown' })
})

test('what cannot be called is said before anything is sent', async (context) => {
  const worker = await serve(context, () => [200, {}])
  const { key } = await keyPair()
  const encrypted = (to) => client(worker).callEncrypted(CONTRACT, INPUT, { to })
  for (const [call, message] of [
    [() => client(worker).call('0x12', INPUT), /contract must have 32 bytes/],
    [() => client(worker).call(CONTRACT, '0x1'), /input must be 0x and/],
    [() => client(worker).call(CONTRACT, 'zz'), /input must be 0x and/],
    [() => client(worker).call(CONTRACT, 7), /input must be bytes/],
    [() => client(worker).call(CONTRACT, new Uint8Array(1024 * 1024 + 1)), /at most 1048576/],
    [() => encrypted({ kind: 'worker', key: '0x12' }), /key must have 32 bytes/],
    [() => encrypted({ kind: 'cluster', key }), /to.generation/],
    [() => encrypted({ kind: 'cluster', key, generation: -1 }), /to.generation/],
    [() => encrypted({ kind: 'friend', key }), /to.kind/],
  ]) {
    await assert.rejects(call, { name: 'TypeError', message })
  }
  assert.deepEqual(worker.asked, [])
  assert.throws(() => new PhatClient({ url: 'ftp://a', genesisHash: GENESIS }), /url must be/)
  assert.throws(() => new PhatClient({ url: 'http://a', genesisHash: '0x' }), /genesisHash must have/)
})

test('a URL with a path of its own is kept, and a call can be given up', async (context) => {
  const worker = await serve(context, () => new Promise(() => {}))
  const controller = new AbortController()
  const below = new PhatClient({
    url: `${worker.url}/phat`,
    genesisHash: GENESIS,
    fetch: (url, init) => {
      assert.equal(url.pathname, `/phat/v1/contracts/${CONTRACT}/call`)
      queueMicrotask(() => controller.abort())
      return fetch(url, init)
    },
  })
  await assert.rejects(below.call(CONTRACT, INPUT, { signal: controller.signal }), { name: 'AbortError' })
})
