// ECVRF, the verifiable random function of RFC 9381, with the encoding to the curve by try and increment.
//
// The RFC has a suite for P-256 and none for secp256k1, which EVM chains can check for little gas. Both curves are short
// Weierstrass curves of a prime order of 256 bits, so one code serves both: the tests run the RFC's own vectors on P-256.

import { concatBytes, bytesToNumberBE, numberToBytesBE } from '@noble/curves/abstract/utils'
import type { CurveFn, ProjPointType } from '@noble/curves/abstract/weierstrass'
import { hmac } from '@noble/hashes/hmac'
import { sha256 } from '@noble/hashes/sha2'

/** A point of a curve. */
export type Point = ProjPointType<bigint>

/** A curve, and the octet that separates its outputs from those of other suites. */
export interface Suite {
  readonly curve: CurveFn
  readonly octet: number
}

/** What a secret key makes of an input, and how that is shown. */
export interface Proof {
  readonly publicKey: Point
  /** The point that the input is encoded to. */
  readonly h: Point
  /** The secret key times `h`. */
  readonly gamma: Point
  /** The generator times the number that hides the secret key: a verifier finds it as s·B - c·Y. */
  readonly u: Point
  /** The challenge, 128 bits. */
  readonly c: bigint
  /** The response. */
  readonly s: bigint
}

const DOMAIN_ENCODE = 1
const DOMAIN_CHALLENGE = 2
const DOMAIN_HASH = 3
const DOMAIN_END = 0
/** Bytes of a number below the order of the group, and of a hash. */
const SCALAR_BYTES = 32
/** Bytes of a challenge. */
const CHALLENGE_BYTES = 16
/** Counters that are tried for a point. That none of them fits has a chance of 2^-256. */
const COUNTERS = 256
/** What a compressed point with an even y begins with. */
const EVEN = 2

/** A secret key as a number: from 1 up to the order of the group, of 48 or more random bytes so that none is likelier. */
export function secretKey(suite: Suite, random: Uint8Array): bigint {
  if (random.length < SCALAR_BYTES + CHALLENGE_BYTES) throw new RangeError('a secret key is made of 48 bytes or more')
  return (bytesToNumberBE(random) % (suite.curve.CURVE.n - 1n)) + 1n
}

/** The public key of a secret key. */
export function publicKey(suite: Suite, secret: bigint): Point {
  return base(suite).multiply(secret)
}

/** The one output for a key and an input, with its proof (section 5.1). */
export function prove(suite: Suite, secret: bigint, alpha: Uint8Array): Proof {
  const order = suite.curve.CURVE.n
  const key = publicKey(suite, secret)
  const h = encodeToCurve(suite, key, alpha)
  const gamma = h.multiply(secret)
  const k = nonce(order, secret, compressed(h))
  const u = base(suite).multiply(k)
  const c = challenge(suite, [key, h, gamma, u, h.multiply(k)])
  return { publicKey: key, h, gamma, u, c, s: (k + c * secret) % order }
}

/** The random bytes that a proof shows (section 5.2). */
export function output(suite: Suite, proof: Proof): Uint8Array {
  return digest(suite, DOMAIN_HASH, compressed(proof.gamma))
}

/** A proof as the RFC writes it: 81 bytes. */
export function encodeProof(proof: Proof): Uint8Array {
  const c = numberToBytesBE(proof.c, CHALLENGE_BYTES)
  return concatBytes(compressed(proof.gamma), c, numberToBytesBE(proof.s, SCALAR_BYTES))
}

/** The generator, as a point that no table is made for: one would be used twice only. */
function base({ curve }: Suite): Point {
  return curve.ProjectivePoint.fromAffine(curve.ProjectivePoint.BASE.toAffine())
}

/** The point that an input stands for: the first of the hashes with a counter that is one (section 5.4.1.1). */
function encodeToCurve(suite: Suite, key: Point, alpha: Uint8Array): Point {
  for (let counter = 0; counter < COUNTERS; counter++) {
    const x = digest(suite, DOMAIN_ENCODE, compressed(key), alpha, Uint8Array.of(counter))
    const point = decompress(suite, x)
    if (point !== undefined) return point
  }
  throw new Error('the input stands for no point')
}

/** The point with this x and an even y; undefined if there is none. */
function decompress({ curve }: Suite, x: Uint8Array): Point | undefined {
  try {
    return curve.ProjectivePoint.fromHex(concatBytes(Uint8Array.of(EVEN), x))
  } catch {
    return undefined
  }
}

/** Section 5.4.3. */
function challenge(suite: Suite, points: Point[]): bigint {
  const hash = digest(suite, DOMAIN_CHALLENGE, ...points.map(compressed))
  return bytesToNumberBE(hash.subarray(0, CHALLENGE_BYTES))
}

/** The number that hides the secret key in a proof: that of RFC 6979, section 3.2, for the hash of `message`. */
function nonce(order: bigint, secret: bigint, message: Uint8Array): bigint {
  // For both curves, the order has as many bits as a hash.
  const hash = numberToBytesBE(bytesToNumberBE(sha256(message)) % order, SCALAR_BYTES)
  const seed = concatBytes(numberToBytesBE(secret, SCALAR_BYTES), hash)
  let key: Uint8Array = new Uint8Array(SCALAR_BYTES)
  let value: Uint8Array = new Uint8Array(SCALAR_BYTES).fill(1)
  for (const separator of [0, 1]) {
    key = hmac(sha256, key, concatBytes(value, Uint8Array.of(separator), seed))
    value = hmac(sha256, key, value)
  }
  for (;;) {
    value = hmac(sha256, key, value)
    const k = bytesToNumberBE(value)
    if (k > 0n && k < order) return k
    key = hmac(sha256, key, concatBytes(value, Uint8Array.of(0)))
    value = hmac(sha256, key, value)
  }
}

function digest(suite: Suite, domain: number, ...parts: Uint8Array[]): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(suite.octet, domain), ...parts, Uint8Array.of(DOMAIN_END)))
}

function compressed(point: Point): Uint8Array {
  return point.toRawBytes(true)
}
