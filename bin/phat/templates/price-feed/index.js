// The median price of several sources, in whole numbers.
//
// Prices never become floating-point numbers: every worker, and everyone who repeats a run,
// computes the same median of the same answers.

/** A price as sources write it: digits, with a point or without. */
const DECIMAL = /^(\d{1,30})(?:\.(\d{1,30}))?$/

/** Returns abi.encode(uint256 price, uint256 sources). The request may be empty. */
export default async function (request) {
  const { sources, sources_min: sourcesMin, decimals } = request.settings
  const answers = await Promise.allSettled(sources.map((source) => price(source, decimals)))
  const prices = []
  answers.forEach((answer, index) => {
    const { name } = sources[index]
    if (answer.status === 'fulfilled') {
      console.log(`${name}: ${answer.value}`)
      prices.push(answer.value)
    } else {
      // One source that fails must not stop the others.
      console.warn(`${name} is left out: ${answer.reason.message}`)
    }
  })
  if (prices.length < sourcesMin) {
    throw new Error(`${prices.length} of ${sources.length} sources have a price; ${sourcesMin} are needed`)
  }
  return `0x${uint256(median(prices))}${uint256(BigInt(prices.length))}`
}

/** Asks one source. */
async function price({ url, path }, decimals) {
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
  return price
}

/** The middle one, or the mean of the two in the middle, rounded down. */
function median(prices) {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2n
}

/** A whole number as 64 digits, the highest first. */
function uint256(number) {
  return number.toString(16).padStart(64, '0')
}
