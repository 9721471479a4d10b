// Answers the LensStats consumer: how many accounts follow a Lens profile?

import type { Request } from 'phat'
import { decodeAbiParameters, encodeAbiParameters, hexToBytes } from 'viem/utils'

/** First word of the output: what the second one is. */
const Kind = { answer: 0n, error: 2n } as const

/** Second word of an error. The consumer and its users know these numbers. */
const Code = {
  /** The API knows no profile of this id. */
  notFound: 1n,
  /** No answer from the API, or its HTTP status is not 200. */
  unreachable: 2n,
  /** The API's answer has another form than its schema promises. */
  malformed: 3n,
} as const

const QUERY =
  'query Profile($request: ProfileRequest!) { profile(request: $request) { id stats { followers following posts } } }'

/** A failure that the consumer shall learn of as a code. */
class StatsError extends Error {
  constructor(readonly code: bigint, message: string) {
    super(message)
  }
}

/**
 * Takes abi.encode(string profileId) and returns abi.encode(uint256 kind, uint256 value).
 *
 * An input or a setting of the wrong form throws, which fails the run as a whole: only a fault of the consumer or of
 * the deployment leads there.
 */
export default async function main(request: Request): Promise<Uint8Array> {
  const [profileId] = decodeAbiParameters([{ type: 'string' }], request.input)
  try {
    return encode(Kind.answer, await followers(apiUrl(request.settings), profileId))
  } catch (error) {
    if (!(error instanceof StatsError)) throw error
    console.warn(`profile ${JSON.stringify(profileId)}: ${error.message}`)
    return encode(Kind.error, error.code)
  }
}

function apiUrl(settings: Request['settings']): string {
  const url = settings['lens_api']
  if (typeof url !== 'string') throw new TypeError('the manifest lacks settings.lens_api, the URL of the Lens API')
  return url
}

/** Asks the Lens API for the total followers of a profile. */
async function followers(api: string, profileId: string): Promise<bigint> {
  const text = await post(api, JSON.stringify({ query: QUERY, variables: { request: { forProfileId: profileId } } }))
  const answer = parse(text)
  const profile = field(field(answer, 'data'), 'profile')
  // GraphQL also nulls what it failed to look up, and then says so in `errors`.
  if (profile === null && field(answer, 'errors') === undefined) {
    throw new StatsError(Code.notFound, 'there is no such profile')
  }
  const count = field(field(profile, 'stats'), 'followers')
  // JSON numbers are doubles here: above 2^53 the value would be a guess.
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    throw new StatsError(Code.malformed, 'the answer has no count of followers')
  }
  return BigInt(count)
}

async function post(url: string, body: string): Promise<string> {
  let status: number
  let text: string
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body,
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    throw new StatsError(Code.unreachable, `the Lens API cannot be reached: ${error}`)
  }
  if (status !== 200) throw new StatsError(Code.unreachable, `the Lens API answers with HTTP status ${status}`)
  return text
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new StatsError(Code.malformed, 'the answer is not JSON')
  }
}

/** A field of a JSON object; undefined when it is absent or the value is no object. */
function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

function encode(kind: bigint, value: bigint): Uint8Array {
  return hexToBytes(encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [kind, value]))
}
