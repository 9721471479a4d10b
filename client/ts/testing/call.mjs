// One call of a contract, as end-to-end tests make it: what is given and got is JSON.
//
// node call.mjs '{"url", "genesisHash", "contract", "input", "to"}'

import { PhatClient } from '../dist/index.js'

const { url, genesisHash, contract, input, to } = JSON.parse(process.argv[2])
const client = new PhatClient({ url, genesisHash })
const answer = to
  ? await client.callEncrypted(contract, input, { to, transcript: true })
  : await client.call(contract, input)
const output = new TextDecoder().decode(answer.output)
const { success, receiptHash, bundle = null } = answer
console.log(JSON.stringify({ success, output, receiptHash, bundle }))
