// Draws random numbers for the VrfOracle consumer, with proofs that it checks.

import { secp256k1 } from '@noble/curves/secp256k1'
import { abi, hash } from 'phat'
import type { Request } from 'phat'

import { output, type Point, type Proof, prove, publicKey, secretKey, type Suite } from './ecvrf'

/** The octet is one that the RFC leaves to suites of others. VrfVerifier.sol has the same. */
const SUITE: Suite = { curve: secp256k1, octet: 0xfe }
/** What the key is derived for. */
const KEY_SALT = 'vrf-oracle/secp256k1/1'
/** What a consumer asks with: chain, consumer, request, requester, seed of the requester, hash of a block. */
const INPUT = ['uint256', 'address', 'uint256', 'address', 'bytes32', 'bytes32']
/** The same in bytes. */
const INPUT_BYTES = 32 * INPUT.length

/**
 * Takes what VrfOracle.request encodes and returns abi.encode(VrfVerifier.Proof).
 *
 * A call over HTTP gets abi.encode(uint256 x, uint256 y), the public key. It gets no proof: whoever could ask for the
 * output of a request that is yet to be made would make it only if the output suits.
 */
export default async function main(request: Request): Promise<Uint8Array> {
  const secret = secretKey(SUITE, pink.deriveSecret(KEY_SALT))
  const isCall = request.chain === ''
  if (isCall && request.settings['proves_calls'] !== true) {
    return words([publicKey(SUITE, secret)], [])
  }
  if (request.input.length !== INPUT_BYTES) throw new RangeError(`the input has ${INPUT_BYTES} bytes`)
  if (!isCall) checkOrigin(request)
  // The consumer takes the same hash of what it has asked, and of nothing else.
  const proof = prove(SUITE, secret, hash.keccak256(request.input))
  console.log(`output ${output(SUITE, proof).toHex()}`)
  return encode(proof)
}

/** Refuses an input that is not of the chain and the consumer that the anchor tells. */
function checkOrigin({ input, chain, caller }: Request): void {
  const [chainId, consumer] = abi.decode(INPUT, input)
  if (chain !== `eip155:${chainId}`) throw new Error(`the input is for chain ${chainId}, and ${chain} asks`)
  if (String(consumer).toLowerCase() !== caller.toLowerCase()) {
    throw new Error(`the input is of ${consumer}, and ${caller} asks`)
  }
}

/** The proof, and the products that let the consumer check it without multiplying points. */
function encode({ h, gamma, u, c, s }: Proof): Uint8Array {
  return words([gamma], [c, s], [u, h.multiplyUnsafe(s), gamma.multiplyUnsafe(c)])
}

/** Points and numbers in words of 32 bytes. */
function words(first: Point[], numbers: bigint[], rest: Point[] = []): Uint8Array {
  const coordinates = (points: Point[]) => points.flatMap((point) => [point.toAffine().x, point.toAffine().y])
  const values = [...coordinates(first), ...numbers, ...coordinates(rest)]
  return abi.encode(values.map(() => 'uint256'), values)
}
