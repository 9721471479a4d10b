// One request, and its answer within bounds.

import { AnswerError, RequestError } from './errors.js'

/** What sends requests: the global `fetch`, or the like. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>

/** The longest answer that is read. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024

/** Posts a body as JSON and gives the JSON of the answer. Refusals are thrown. */
export async function request(
  fetch: Fetch,
  url: URL,
  body: object,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    credentials: 'omit',
    ...(signal && { signal }),
  })
  const text = await read(response)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new AnswerError(`${url.origin} answered ${response.status} with something that is no JSON`, { cause: error })
  }
  if (response.status === 200) return inObject(json, url)
  const { error } = inObject(json, url) as { error?: { code?: unknown; message?: unknown; retry_after_s?: unknown } }
  const retryAfterS = error?.retry_after_s
  throw new RequestError(
    response.status,
    String(error?.code ?? 'unknown'),
    String(error?.message ?? 'it does not say why'),
    typeof retryAfterS === 'number' ? retryAfterS : undefined,
  )
}

function inObject(json: unknown, url: URL): object {
  if (typeof json === 'object' && json !== null) return json
  throw new AnswerError(`${url.origin} answered with something that a worker does not say`)
}

async function read(response: Response): Promise<string> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > ANSWER_BYTES_MAX) {
      await reader.cancel()
      throw new AnswerError(`the answer has more than ${ANSWER_BYTES_MAX} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
