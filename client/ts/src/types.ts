// What goes over the wire, as JSON has it.

import type { Hex } from './bytes.js'

/** Where a request came from. */
export type Origin =
  | { kind: 'http' }
  | {
      kind: 'anchor'
      /** The chain as CAIP-2 has it, such as `eip155:1`. */
      chain: string
      /** The anchor's address. */
      anchor: Hex
      /** The request's number at the anchor, 32 bytes, big-endian. */
      number: Hex
      /** The block whose state the run read. */
      block: number
    }
  | {
      kind: 'trigger'
      /** The trigger's name in the manifest. */
      name: string
    }

/** What a worker says about a run. */
export interface ReceiptBody {
  /** The hash of the first block of the Phat chain. */
  genesis_hash: Hex
  /** The worker that ran it: its sr25519 public key. */
  worker: Hex
  contract: Hex
  code_hash: Hex
  engine_hash: Hex
  request: Hex
  origin: Origin
  /** BLAKE2b-256 of the input. */
  input_hash: Hex
  result: 'succeeded' | 'failed'
  /** BLAKE2b-256 of the output, or of the failure's text. */
  output_hash: Hex
  transcript_root: Hex
  fuel_used: number
  /** The worker's clock when the run ended, in milliseconds since 1970. */
  ended_at_ms: number
}

/** A signed receipt. */
export interface Receipt {
  body: ReceiptBody
  /** 64 bytes, sr25519. */
  signature: Hex
}

/** A receipt with its data: what `phat verify` and `phat replay` read from a file. */
export interface ReceiptBundle {
  receipt: Receipt
  input: Hex
  output: Hex
  transcript: Hex
}

/** A line that the contract logged. */
export interface LogLine {
  request: Hex
  level: string
  message: string
}

/** The answer to a call, as a worker writes it. */
export interface CallAnswer {
  request: Hex
  output: Hex
  success: boolean
  receipt: Hex
  signed: Receipt
  fuel_used: number
  logs: LogLine[]
  transcript?: Hex
}
