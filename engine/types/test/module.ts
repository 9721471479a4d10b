// What the module offers, and what it refuses.

import phat, { abi, context, hash, hex, kv, log, publicKey, scale, secret, sign, vrf } from 'phat'
import type { Aggregate, Main, Request } from 'phat'

interface Settings {
  readonly endpoint: string
}

const main: Main<Settings> = async (request) => {
  const url: string = request.settings.endpoint
  const stored: Uint8Array<ArrayBuffer> | null = await kv.get('key')
  await kv.set('key', stored ?? new Uint8Array(1))
  await phat.kv.delete(hex.decode('0x00'))
  const token: string | null = await secret('token')
  const key: Uint8Array | null = await secret.bytes('key')
  const signature = await sign('secp256k1', hash.keccak256(url + token))
  const drawn = await vrf(request.input)
  log.info(context.requestId, context.block + 1, key, await publicKey('sr25519'), drawn.proof.length)
  const [amount] = abi.decode<[bigint]>('uint256 amount', signature)
  const call = abi.encodeFunctionCall('transfer(address,uint256)', ['0x', amount])
  abi.encode([{ type: 'tuple[]', components: [{ type: 'bool', name: 'ok' }] }], [[{ ok: true }]])
  const types = scale.parseTypes('Info={size:u32}')
  const { size } = scale.decode<{ size: number }>('Info', call, types)
  return size > 1 ? 'text' : scale.codec([0, 1], types).encode([1, 2])
}
export default main

export const aggregate: Aggregate<Settings> = (outputs, request) => {
  const longest = Math.max(...outputs.map((output) => output.length))
  return longest > request.settings.endpoint.length ? new Uint8Array(longest) : 'text'
}

export function refused(request: Request): void {
  // @ts-expect-error The request is frozen.
  request.block = 1
  // @ts-expect-error Numbers are no bytes.
  hash.sha256(1)
  // @ts-expect-error There is no such hash function.
  hash.md5('x')
  // @ts-expect-error There is no such scheme.
  void sign('rsa', 'x')
  // @ts-expect-error A context cannot be changed.
  context.caller = ''
  // @ts-expect-error Text for bytes has 0x here.
  abi.decode('uint256', 'text')
  // @ts-expect-error Values of a manifest are unknown until they are looked at.
  const text: string = request.settings['endpoint']
  // @ts-expect-error A registry comes from parseTypes.
  scale.codec('Info', {})
}

// @ts-expect-error A contract gives bytes or text.
export const wrong: Main = () => 1
