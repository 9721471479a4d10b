// Draws a number that nobody could choose, with a proof of it.
//
// The verifiable random function has one output for a key and an input. The key is the
// contract's own, and the input is the round: a worker cannot try again for a better number,
// and whoever knows the contract's public key can check the proof.

import { abi, hash, vrf } from 'phat'

/**
 * Takes abi.encode(uint256 round, uint256 sides) and returns
 * abi.encode(uint256 number, bytes32 random, bytes proof, bytes32 publicKey), with a number
 * from 0 up to sides - 1.
 */
export default async function (request) {
  const [round, sides] = abi.decode(['uint256', 'uint256'], request.input)
  if (sides === 0n) throw new RangeError('give at least one side')
  const input = hash.keccak256(abi.encode(['string', 'uint256', 'uint256'], [request.settings.domain, round, sides]))
  const { output, proof, publicKey } = await vrf(input)
  const number = draw(output, sides)
  console.log(`round ${round}: ${number} of ${sides}`)
  return abi.encode(['uint256', 'bytes32', 'bytes', 'bytes32'], [number, output, proof, publicKey])
}

/**
 * A number below `sides`, each as likely as any other: random words from the top, where the
 * last, incomplete row of sides would be, are drawn again, as the hash of the one before.
 */
function draw(random, sides) {
  const words = 1n << 256n
  const bound = words - (words % sides)
  let word = random
  for (;;) {
    const value = word.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    if (value < bound) return value % sides
    word = hash.keccak256(word)
  }
}
