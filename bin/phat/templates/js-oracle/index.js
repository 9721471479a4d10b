// Answers how many stars a repository has on GitHub.

const REPOSITORY = /^[A-Za-z0-9][\w.-]{0,99}\/[A-Za-z0-9_][\w.-]{0,99}$/

/** Takes the name of a repository and returns its stars as a uint256. */
export default async function (request) {
  const repository = new TextDecoder().decode(request.input)
  if (!REPOSITORY.test(repository)) {
    throw new TypeError(`${JSON.stringify(repository)} is no repository: give OWNER/NAME`)
  }
  const response = await fetch(`${request.settings.api}/repos/${repository}`, {
    headers: { accept: 'application/vnd.github+json', 'user-agent': '{{name}}' },
  })
  if (!response.ok) throw new Error(`GitHub answers with HTTP status ${response.status}`)
  const { stargazers_count: stars } = await response.json()
  // JSON numbers are doubles here: above 2^53 the value would be a guess.
  if (!Number.isSafeInteger(stars) || stars < 0) throw new Error('the answer has no number of stars')
  console.log(`${repository} has ${stars} stars`)
  return uint256(stars)
}

/** A whole number as 32 bytes, the highest first. */
function uint256(number) {
  return `0x${BigInt(number).toString(16).padStart(64, '0')}`
}
