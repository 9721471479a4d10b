// The median price of several sources, pushed to a feed when it has moved or when the heartbeat is over.
//
// Prices never become floating-point numbers: every worker, and everyone who repeats a run, computes the same median of
// the same answers.

import { abi, kv } from 'phat'

/** The key under which the price that was pushed last is kept. */
const KEY = 'price'
/** A value there: the price and when it was observed, in as many bytes as fit beside the key's version in one slot. */
const PRICE_BYTES = 14
const TIME_BYTES = 6
/** The highest price that fits. */
const PRICE_MAX = (1n << BigInt(8 * PRICE_BYTES)) - 1n
/** A price as sources write it: digits, with a point or without. */
const DECIMAL = /^(\d{1,30})(?:\.(\d{1,30}))?$/
/** How far a worker's clock may be ahead, in seconds. The feed, which has the same, refuses prices from later on. */
const CLOCK_LEAD_MAX_S = 60
/** Basis points in a whole. */
const WHOLE_BPS = 10_000n
/** The most sources; also the most requests that the manifest allows. */
const SOURCES_MAX = 16

/**
 * Returns abi.encode(int256 price, uint256 observedAt, uint256 sources) and keeps the price, or returns nothing and
 * keeps nothing where no price is to be pushed. The input is not looked at.
 */
export default async function main(request) {
  const settings = checked(request.settings)
  // Before the sources are asked: a price is no newer than that.
  const observedAt = Math.floor(Date.now() / 1000)
  const last = decoded(await kv.get(KEY))
  const prices = agreeing(await ask(settings), settings)
  const price = median(prices)
  const reason = reasonToPush(price, observedAt, last, settings)
  if (reason === undefined) {
    console.log(`${price} is no news: ${last.price} was pushed ${observedAt - last.observedAt} s ago`)
    return new Uint8Array()
  }
  console.log(`${price} is pushed: ${reason}`)
  await kv.set(KEY, encoded(price, observedAt))
  return abi.encode(['int256', 'uint256', 'uint256'], [price, observedAt, prices.length])
}

/** The settings, if they make sense: a feed must not run for months on ones that do not. */
function checked(settings) {
  const { sources, decimals, sources_min, outlier_bps, deviation_bps, heartbeat_s } = settings
  const whole = { decimals, sources_min, outlier_bps, deviation_bps, heartbeat_s }
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`settings.${name} is no whole number from 0 on`)
  }
  if (!Array.isArray(sources) || sources.length > SOURCES_MAX) {
    throw new TypeError(`settings.sources is no list of up to ${SOURCES_MAX} sources`)
  }
  if (sources_min < 1 || sources_min > sources.length) {
    throw new RangeError(`settings.sources_min is ${sources_min}: choose from 1 to ${sources.length}, the sources`)
  }
  return settings
}

/** The prices of all sources that have one. One that fails must not stop the others. */
async function ask({ sources, decimals }) {
  const answers = await Promise.allSettled(sources.map((source) => askOne(source, decimals)))
  const prices = []
  answers.forEach((answer, index) => {
    const { name } = sources[index]
    if (answer.status === 'fulfilled') prices.push({ name, price: answer.value })
    else console.warn(`${name} is left out: ${answer.reason.message}`)
  })
  return prices
}

async function askOne({ url, path }, decimals) {
  const response = await fetch(url, { headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`HTTP status ${response.status}`)
  const found = path.reduce((value, name) => value?.[name], await response.json())
  if (typeof found !== 'string') throw new Error(`the answer has no text at ${path.join('.')}`)
  return scaled(found, decimals)
}

/** A decimal text as a whole number of 10^-decimals. Further digits are cut off. */
function scaled(text, decimals) {
  const [, whole, fraction = ''] = DECIMAL.exec(text) ?? []
  if (whole === undefined) throw new Error(`${JSON.stringify(text.slice(0, 40))} is no price`)
  const price = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  if (price === 0n) throw new Error('the price is zero')
  if (price > PRICE_MAX) throw new Error('the price is too high')
  return price
}

/** The prices near the median of all. One that is far off is refused, and does not move the median of the rest. */
function agreeing(answers, { sources, sources_min: sourcesMin, outlier_bps: outlierBps }) {
  enough(answers.length, sources.length, sourcesMin, 'have a price')
  const middle = median(answers.map(({ price }) => price))
  const near = answers.filter(({ name, price }) => {
    const isNear = distance(price, middle) <= middle * BigInt(outlierBps)
    if (!isNear) console.warn(`${name} is refused: ${price} is too far from ${middle}`)
    return isNear
  })
  enough(near.length, sources.length, sourcesMin, 'agree')
  return near.map(({ price }) => price)
}

function enough(count, sources, sourcesMin, what) {
  if (count < sourcesMin) throw new Error(`${count} of ${sources} sources ${what}; ${sourcesMin} are needed`)
}

/** Why a price is to be pushed; undefined if it is not. */
function reasonToPush(price, observedAt, last, { deviation_bps: deviationBps, heartbeat_s: heartbeatS }) {
  if (last === undefined) return 'there is none yet'
  // The feed has refused it, so no other must wait for that time. If it is this clock that is behind, it refuses this one.
  if (last.observedAt > observedAt + CLOCK_LEAD_MAX_S) return `the last price is from the future, ${last.observedAt}`
  // Another worker, whose clock is ahead, was faster. The feed takes rising times only.
  if (observedAt <= last.observedAt) return undefined
  const hasMoved = distance(price, last.price) >= last.price * BigInt(deviationBps)
  if (hasMoved) return `it is ${deviationBps} basis points or more from ${last.price}`
  const age = observedAt - last.observedAt
  return age >= heartbeatS ? `the heartbeat of ${heartbeatS} s is over` : undefined
}

/** How far a price is from another one, in basis points of it, times it: whole numbers have no quotients. */
function distance(price, from) {
  return (price > from ? price - from : from - price) * WHOLE_BPS
}

/** The middle one, or the mean of the two in the middle, rounded down. */
function median(prices) {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2n
}

function encoded(price, observedAt) {
  const digits = (number, bytes) => number.toString(16).padStart(2 * bytes, '0')
  return Uint8Array.fromHex(digits(price, PRICE_BYTES) + digits(observedAt, TIME_BYTES))
}

/** What `encoded` makes; undefined if there is nothing, or something else. */
function decoded(value) {
  if (value?.length !== PRICE_BYTES + TIME_BYTES) return undefined
  const digits = value.toHex()
  const price = BigInt(`0x${digits.slice(0, 2 * PRICE_BYTES)}`)
  const observedAt = Number.parseInt(digits.slice(2 * PRICE_BYTES), 16)
  return price > 0n ? { price, observedAt } : undefined
}
