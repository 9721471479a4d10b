// Stands in for the engine's module `phat`, as far as the contract uses it.

import { keccak_256 } from '@noble/hashes/sha3'

const word = (value) => Buffer.from(BigInt(value).toString(16).padStart(64, '0'), 'hex')

export const hash = { keccak256: keccak_256 }

/** Numbers, addresses and 32 bytes are all the types that the contract has. */
export const abi = {
  encode: (types, values) => new Uint8Array(Buffer.concat(values.map(word))),
  decode: (types, data) =>
    types.map((type, index) => {
      const hex = Buffer.from(data.subarray(32 * index, 32 * (index + 1))).toString('hex')
      return type === 'address' ? `0x${hex.slice(24)}` : BigInt(`0x${hex}`)
    }),
}
