import { areEqual, concat, fromHex, to32Bytes, toBytes, toHex, utf8, type Bytes, type Hex, type OwnBytes } from './bytes.js'
import { sealRequest } from './envelope.js'
import { AnswerError, RequestError } from './errors.js'
import { request, type Fetch } from './http.js'
import { blake2b256, receiptHash, verifyReceiptSignature } from './receipt.js'
import type { CallAnswer, LogLine, Receipt, ReceiptBundle } from './types.js'

/** What calls are sealed for. */
const CALL_INFO = utf8('phat/call/1')
/** The longest input of a call. */
const INPUT_BYTES_MAX = 1024 * 1024
/** The highest number of a cluster's key. */
const GENERATION_MAX = 2 ** 32 - 1

/** Whom to call. */
export interface ClientOptions {
  /** The URL of a worker or a gateway. */
  url: string | URL
  /** The hash of the first block of the Phat chain. */
  genesisHash: Bytes
  /** What sends requests, if not the global `fetch`. */
  fetch?: Fetch
}

/** How to call. */
export interface CallOptions {
  /** The one worker to call: its id. A gateway passes the call to it or refuses. */
  worker?: Bytes
  /** Gives the call up. The contract may run all the same. */
  signal?: AbortSignal
}

/**
 * A key to encrypt to. Take it from the chain: whoever can make you take another one reads
 * the call.
 */
export type CallKey =
  /** That of one worker; `worker` is its id, which gateways need. */
  | { kind: 'worker'; key: Bytes; worker?: Bytes }
  /** That of a cluster; `generation` tells which of its keys it is. */
  | { kind: 'cluster'; key: Bytes; generation: number }

/** How to call so that nobody in between can read it. */
export interface EncryptedCallOptions {
  /** Whose key to encrypt to. */
  to: CallKey
  /**
   * Whether the answer is to have the transcript of the run, which `phat verify` and
   * `phat replay` need: of an encrypted call, the worker keeps nothing.
   */
  transcript?: boolean
  /** Any text, to hide how long the input is. */
  padding?: string
  /** Gives the call up. The contract may run all the same. */
  signal?: AbortSignal
}

/** What came of a call. All of it but the logs is signed by the worker. */
export interface Answer {
  /** Whether the run succeeded. */
  success: boolean
  /** The output; of a run that failed, why, as UTF-8 text. */
  output: Uint8Array
  /** The id of the request that the call was. */
  request: Hex
  /** The hash of the receipt. */
  receiptHash: Hex
  /** The receipt, whose signature was verified. */
  receipt: Receipt
  fuelUsed: number
  /** What the contract logged, as the worker says. */
  logs: LogLine[]
  /** The receipt with its data, if the transcript was asked for and came. */
  bundle?: ReceiptBundle
}

/** Calls contracts, and verifies that the answers are those that a worker signed. */
export class PhatClient {
  readonly #base: URL
  readonly #genesisHash: OwnBytes
  readonly #fetch: Fetch

  constructor(options: ClientOptions) {
    this.#base = new URL(options.url)
    if (!['http:', 'https:'].includes(this.#base.protocol)) {
      throw new TypeError('url must be that of a worker or a gateway, such as https://gateway.example')
    }
    if (!this.#base.pathname.endsWith('/')) this.#base.pathname += '/'
    this.#genesisHash = to32Bytes(options.genesisHash, 'genesisHash')
    this.#fetch = options.fetch ?? ((...parameters) => globalThis.fetch(...parameters))
  }

  /** Runs a contract and waits for the result. */
  async call(contract: Bytes, input: Bytes, options: CallOptions = {}): Promise<Answer> {
    const asked = this.#asked(contract, input, options.worker)
    const body = { input: toHex(asked.input) }
    const answer = await this.#post(asked, body, options.signal)
    return this.#verified(asked, answer)
  }

  /**
   * The same, but nobody between here and the holder of the key can read the input or the
   * answer.
   */
  async callEncrypted(contract: Bytes, input: Bytes, options: EncryptedCallOptions): Promise<Answer> {
    const { to, transcript = false, padding } = options
    const asked = this.#asked(contract, input, to.kind === 'worker' ? to.worker : undefined)
    const plaintext = { input: toHex(asked.input), transcript, ...(padding !== undefined && { padding }) }
    const { sealed, open } = await sealRequest({
      to: to32Bytes(to.key, 'key'),
      info: CALL_INFO,
      aad: concat(this.#genesisHash, asked.contract),
      plaintext: utf8(JSON.stringify(plaintext)),
    })
    const body = { encrypted: toHex(sealed), ...recipient(to) }
    const answer = await this.#post(asked, body, options.signal)
    const { encrypted } = answer as { encrypted: Hex }
    const opened = await open(inAnswer(() => fromHex(encrypted, 'encrypted')))
    return this.#verified(asked, parse(opened))
  }

  #asked(contract: Bytes, input: Bytes, worker: Bytes | undefined): Asked {
    const asked: Asked = {
      contract: to32Bytes(contract, 'contract'),
      input: toBytes(input, 'input'),
      worker: worker === undefined ? undefined : to32Bytes(worker, 'worker'),
    }
    if (asked.input.length > INPUT_BYTES_MAX) {
      throw new TypeError(`the input has ${asked.input.length} bytes, and at most ${INPUT_BYTES_MAX} are taken`)
    }
    return asked
  }

  async #post(asked: Asked, body: object, signal: AbortSignal | undefined): Promise<unknown> {
    const url = new URL(`v1/contracts/${toHex(asked.contract)}/call`, this.#base)
    if (asked.worker) url.searchParams.set('worker', toHex(asked.worker))
    return request(this.#fetch, url, body, signal)
  }

  /** The answer, if it is what a worker signed for this call. */
  #verified(asked: Asked, json: unknown): Answer {
    const answer = json as CallAnswer
    const output = inAnswer(() => {
      const bytes = fromHex(answer.output, 'output')
      verifyReceiptSignature(answer.signed)
      const { body } = answer.signed
      const is = (hex: Hex, expected: Uint8Array, what: string) => areEqual(fromHex(hex, what), expected)
      const checks: [string, boolean][] = [
        ['chain', is(body.genesis_hash, this.#genesisHash, 'genesis_hash')],
        ['contract', is(body.contract, asked.contract, 'contract')],
        ['worker', asked.worker === undefined || is(body.worker, asked.worker, 'worker')],
        ['input', is(body.input_hash, blake2b256(asked.input), 'input_hash')],
        ['output', is(body.output_hash, blake2b256(bytes), 'output_hash')],
        ['kind of request', body.origin.kind === 'http'],
        ['request', body.request === answer.request],
        ['result', (body.result === 'succeeded') === answer.success],
        ['amount of fuel', body.fuel_used === answer.fuel_used],
        ['hash', receiptHash(body) === answer.receipt],
      ]
      const failed = checks.find(([, holds]) => !holds)
      if (failed) throw new AnswerError(`the receipt is of another ${failed[0]}`)
      return bytes
    })
    const { request, success, signed: receipt, transcript } = answer
    return {
      success,
      output,
      request,
      receiptHash: answer.receipt,
      receipt,
      fuelUsed: answer.fuel_used,
      logs: answer.logs,
      ...(transcript !== undefined && {
        bundle: { receipt, input: toHex(asked.input), output: answer.output, transcript },
      }),
    }
  }
}

/** What a call is about. */
interface Asked {
  contract: OwnBytes
  input: OwnBytes
  worker: OwnBytes | undefined
}

/** How a body names the key that it is encrypted to. */
function recipient(to: CallKey): object {
  if (to.kind === 'worker') return { to: 'worker' }
  if (to.kind !== 'cluster') throw new TypeError('to.kind must be worker or cluster')
  const { generation } = to
  if (!Number.isInteger(generation) || generation < 0 || generation > GENERATION_MAX) {
    throw new TypeError(`to.generation must be a whole number from 0 to ${GENERATION_MAX}`)
  }
  return { to: 'cluster', generation }
}

function parse(bytes: Uint8Array): unknown {
  return inAnswer(() => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown)
}

/** Reads a part of an answer: what is wrong with it is the answer's fault. */
function inAnswer<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AnswerError || error instanceof RequestError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new AnswerError(`the answer is none that a worker gives: ${reason}`, { cause: error })
  }
}
