// Scripts for the older platform.

import type {} from 'phat/pink'

function main(request: string, settings: string): string | Uint8Array {
  const response = pink.httpRequest({ url: settings, method: 'POST', body: request, returnTextBody: true })
  if (response.statusCode !== 200) throw new Error(response.error ?? response.reasonPhrase)
  const [first] = Pink.batchHttpRequest([{ url: settings, headers: { a: 'b' } }], 2_000)
  const codec = pink.SCALE.codec('u8', pink.SCALE.parseTypes('#u8'))
  return typeof first?.body === 'string' ? first.body : pink.hash('blake2b256', codec.encode(pink.vrf('salt')[0]))
}
globalThis.scriptOutput = main(...scriptArgs)

// @ts-expect-error There is no such hash function.
pink.hash('md5', 'x')
// @ts-expect-error A request needs a URL.
pink.httpRequest({})
// @ts-expect-error A result is bytes or text.
globalThis.scriptOutput = 1
