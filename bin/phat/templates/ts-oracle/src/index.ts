// Answers how many stars a repository has on GitHub.

import type { PhatRequest } from './request'

const REPOSITORY = /^[A-Za-z0-9][\w.-]{0,99}\/[A-Za-z0-9_][\w.-]{0,99}$/

/** Takes the name of a repository and returns its stars as a uint256. */
export default async function main(request: PhatRequest): Promise<string> {
  const repository = new TextDecoder().decode(request.input)
  if (!REPOSITORY.test(repository)) {
    throw new TypeError(`${JSON.stringify(repository)} is no repository: give OWNER/NAME`)
  }
  const count = await stars(`${text(request.settings, 'api')}/repos/${repository}`)
  console.log(`${repository} has ${count} stars`)
  return uint256(count)
}

async function stars(url: string): Promise<number> {
  const response = await fetch(url, {
    headers: { accept: 'application/vnd.github+json', 'user-agent': '{{name}}' },
  })
  if (!response.ok) throw new Error(`GitHub answers with HTTP status ${response.status}`)
  const answer: unknown = await response.json()
  const count = typeof answer === 'object' && answer !== null && 'stargazers_count' in answer && answer.stargazers_count
  // JSON numbers are doubles here: above 2^53 the value would be a guess.
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    throw new Error('the answer has no number of stars')
  }
  return count
}

function text(settings: PhatRequest['settings'], name: string): string {
  const value = settings[name]
  if (typeof value !== 'string') throw new TypeError(`the manifest lacks settings.${name}`)
  return value
}

/** A whole number as 32 bytes, the highest first. */
function uint256(number: number): string {
  return `0x${BigInt(number).toString(16).padStart(64, '0')}`
}
