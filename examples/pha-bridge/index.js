// Carries PHA between the Phat chain and an EVM chain: tells the token of locks, and the bridge's pallet of mints and
// burns. It decides nothing: what each side is told is what the other has logged.

/** Bytes of a word of the EVM. */
const WORD = 32
/** Bytes of an address of the EVM, and of an account of the Phat chain. */
const [ADDRESS, ACCOUNT] = [20, 32]
/** The variants of the pallet's `Message`. */
const MINTED = 0
const BURNED = 1
const U64_MAX = 2n ** 64n - 1n
const U128_MAX = 2n ** 128n - 1n

/** The runs that the triggers of phat.toml ask for, by their names. */
const RUNS = { locked, minted, burned }

/**
 * Takes what a trigger has found, as JSON, and returns what its target is to be told.
 *
 * An input of another form throws, which fails the run: only a fault of the deployment leads there. Nobody but the
 * workers has an outcome settled, and so it is no matter that anybody may call the contract over HTTP.
 */
export default function main(request) {
  const { trigger, log } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.input))
  if (!Object.hasOwn(RUNS, trigger)) throw new TypeError(`phat.toml has a trigger ${JSON.stringify(trigger)} too much`)
  return RUNS[trigger](log)
}

/** An event `Locked` of the pallet: abi.encode(uint256 number, address recipient, uint256 amount) for the token. */
function locked({ fields }) {
  const output = new Uint8Array(3 * WORD)
  writeBig(output.subarray(0, WORD), integer(fields.number, U64_MAX))
  output.set(bytes(fields.recipient, ADDRESS), 2 * WORD - ADDRESS)
  writeBig(output.subarray(2 * WORD), integer(fields.amount, U128_MAX))
  return output
}

/** A log Minted(uint256 indexed number) of the token: `Message::Minted`, in SCALE, for the pallet. */
function minted({ topics }) {
  const output = new Uint8Array(1 + 8)
  output[0] = MINTED
  writeLittle(output.subarray(1), word(bytes(topics[1], WORD), 0, U64_MAX))
  return output
}

/** A log Burned(uint256 indexed number, bytes32 recipient, uint256 amount): `Message::Burned`, in SCALE. */
function burned({ topics, data }) {
  const values = bytes(data, 2 * WORD)
  const output = new Uint8Array(1 + 8 + ACCOUNT + 16)
  output[0] = BURNED
  writeLittle(output.subarray(1, 9), word(bytes(topics[1], WORD), 0, U64_MAX))
  output.set(values.subarray(0, ACCOUNT), 9)
  writeLittle(output.subarray(9 + ACCOUNT), word(values, 1, U128_MAX))
  return output
}

/** The bytes of `0x` and so many pairs of digits. */
function bytes(text, length) {
  const digits = new RegExp(`^0x[0-9a-f]{${2 * length}}$`, 'i')
  if (typeof text !== 'string' || !digits.test(text)) throw new TypeError(`${JSON.stringify(text)} is not ${length} bytes`)
  return Uint8Array.from({ length }, (_, index) => Number.parseInt(text.slice(2 + 2 * index, 4 + 2 * index), 16))
}

/** An integer of an event: a number, or a text of digits where numbers are not exact. */
function integer(value, max) {
  const isInteger = Number.isSafeInteger(value) || (typeof value === 'string' && /^[0-9]{1,39}$/.test(value))
  if (!isInteger) throw new TypeError(`${JSON.stringify(value)} is not an integer`)
  return within(BigInt(value), max)
}

/** The integer in a word of the EVM. */
function word(values, index, max) {
  let value = 0n
  for (const byte of values.subarray(index * WORD, (index + 1) * WORD)) value = value * 256n + BigInt(byte)
  return within(value, max)
}

/** Nothing is ever cut off: what is too large fails the run. */
function within(value, max) {
  if (value < 0n || value > max) throw new RangeError(`${value} is not from 0 to ${max}`)
  return value
}

function writeBig(target, value) {
  for (let index = target.length; index-- > 0; value >>= 8n) target[index] = Number(value & 255n)
}

function writeLittle(target, value) {
  for (let index = 0; index < target.length; index++, value >>= 8n) target[index] = Number(value & 255n)
}
