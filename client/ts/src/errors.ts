/** The worker, or the gateway in front of it, did not do as asked. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** The HTTP status. */
  readonly status: number
  /** The stable name of the error, such as `not_found`. */
  readonly code: string
  /** Seconds after which to try again, if the worker says. */
  readonly retryAfterS: number | undefined

  constructor(status: number, code: string, message: string, retryAfterS?: number) {
    super(`the worker refused (${status}, ${code}): ${message}`)
    this.status = status
    this.code = code
    this.retryAfterS = retryAfterS
  }
}

/**
 * An answer that is not the one that its worker signed, or none that a worker gives.
 * Whoever answered, or passed the answer on, cannot be trusted.
 */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
}
