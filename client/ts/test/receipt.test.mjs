// Receipts and answers as the worker writes them.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

import { AnswerError, PhatClient, receiptHash, verifyReceiptSignature } from '../dist/index.js'
import { serve } from '../testing/worker.mjs'

const fixture = JSON.parse(await readFile(new URL('fixtures/answers.json', import.meta.url), 'utf8'))

test('the signatures of a worker hold', () => {
  const { succeeded, failed, receipts } = fixture
  for (const receipt of [succeeded.signed, failed.signed, ...receipts]) verifyReceiptSignature(receipt)
  assert.equal(receiptHash(succeeded.signed.body), succeeded.receipt)
})

test('whatever is changed in a receipt, the signature does not hold', () => {
  for (const receipt of [fixture.succeeded.signed, fixture.receipts[0]]) {
    const { body, signature } = receipt
    for (const field of Object.keys(body)) {
      const value = body[field]
      const other = {
        number: () => value + 1,
        string: () => (value === 'succeeded' ? 'failed' : `${value.slice(0, -2)}${value.endsWith('00') ? '01' : '00'}`),
        object: () => ({ ...fixture.receipts[1].body.origin }),
      }
      const changed = { body: { ...body, [field]: other[typeof value]() }, signature }
      assert.throws(() => verifyReceiptSignature(changed), AnswerError, field)
    }
    const last = signature.endsWith('0') ? '1' : '0'
    for (const changed of [`${signature.slice(0, 20)}${last}${signature.slice(21)}`, '0x', signature.slice(0, -2)]) {
      if (changed !== signature) assert.throws(() => verifyReceiptSignature({ body, signature: changed }), AnswerError)
    }
  }
})

test('what a receipt cannot hold is refused', () => {
  const { body } = fixture.succeeded.signed
  for (const changes of [
    { fuel_used: 2 ** 53 },
    { fuel_used: -1 },
    { fuel_used: 0.5 },
    { result: 'maybe' },
    { origin: { kind: 'nobody' } },
    { worker: '0x00' },
    { worker: 'zz' },
  ]) {
    assert.throws(() => receiptHash({ ...body, ...changes }), TypeError)
  }
})

test('the answers of a worker are taken', async (context) => {
  const { genesis_hash: genesisHash, contract, input } = fixture
  for (const [answer, text] of [
    [fixture.succeeded, 'cba'],
    [fixture.failed, 'script_threw: no'],
  ]) {
    const worker = await serve(context, () => [200, answer])
    const client = new PhatClient({ url: worker.url, genesisHash })
    const taken = await client.call(contract, input)
    assert.equal(new TextDecoder().decode(taken.output), text)
    assert.equal(taken.success, answer.success)
    assert.equal(taken.receiptHash, answer.receipt)
    assert.deepEqual(taken.receipt, answer.signed)
    assert.equal(taken.logs[0].message, 'ran')
    assert.deepEqual(worker.asked, [
      { method: 'POST', url: `/v1/contracts/${contract}/call`, body: '{"input":"0x616263"}' },
    ])
  }
})
