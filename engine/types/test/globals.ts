// The globals, without the library DOM.

export default async function (): Promise<Uint8Array> {
  const controller = new AbortController()
  const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(1_000)])
  signal.addEventListener('abort', () => console.warn(signal.reason), { once: true })
  const form = new FormData()
  form.append('file', new File(['x'], 'x.txt', { type: 'text/plain' }))
  const url = new URL('https://example.org/?a=1')
  url.searchParams.set('b', '2')
  const response = await fetch(url, { method: 'POST', headers: { accept: '*/*' }, body: form, signal, cache: 'no-store' })
  if (!response.ok) throw new DOMException(response.statusText, 'NetworkError')
  for await (const chunk of response.clone().body ?? []) console.log(chunk.toHex())
  const key = await crypto.subtle.importKey('spki', await response.arrayBuffer(), { name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'verify',
  ])
  const valid: boolean = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, new Uint8Array(64), new Uint8Array(1))
  const { privateKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign'])
  const id: number = setTimeout((text: string) => console.log(text, valid), 1, 'later')
  clearTimeout(id)
  const copy: { a: number[] } = structuredClone({ a: [1] })
  performance.now() + performance.timeOrigin + copy.a.length
  queueMicrotask(() => console.table([btoa(navigator.userAgent), new TextDecoder('latin1').encoding, Uint8Array.fromBase64('')]))
  return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, crypto.getRandomValues(new Uint8Array(1))))
}

export function refused(): void {
  // @ts-expect-error There is no document.
  document.title
  // @ts-expect-error There is no process.
  process.env
  // @ts-expect-error There is no such curve.
  void crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-521' }, false, ['sign'])
  // @ts-expect-error RSA keys only verify.
  void crypto.subtle.sign('RSASSA-PKCS1-v1_5', {} as CryptoKey, new Uint8Array(1))
  // @ts-expect-error A JSON Web Key is no bytes.
  void crypto.subtle.importKey('jwk', new Uint8Array(1), 'Ed25519', false, [])
  // @ts-expect-error Objects are no bodies.
  void fetch('https://example.org', { body: { a: 1 } })
  // @ts-expect-error Only the engine makes signals.
  new AbortSignal()
}
