/** What the engine hands to a contract. */
export interface PhatRequest {
  /** What the caller or consumer passed. */
  readonly input: Uint8Array
  /** The request's id: 0x and 64 digits. */
  readonly id: string
  /** The contract's id, in the same form. */
  readonly contract: string
  /** Where the request came from, such as eip155:1; empty for a call over HTTP. */
  readonly chain: string
  /** The block of that chain at which state is read; 0 over HTTP. */
  readonly block: number
  /** The manifest's [settings]. */
  readonly settings: Readonly<Record<string, unknown>>
}
