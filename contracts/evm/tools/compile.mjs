// Compiles the contracts with solc-js and shapes what the Rust code embeds.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import solc from 'solc'

/** The package's folder, with a trailing slash. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The contracts whose ABI and bytecode are kept in artifacts/, by source file. */
const CONTRACTS = {
  'src/PhatAnchor.sol': 'PhatAnchor',
  'src/PhatHub.sol': 'PhatHub',
  'src/examples/LensStats.sol': 'LensStats',
  'src/examples/LensStatsShared.sol': 'LensStatsShared',
  'src/examples/PhaToken.sol': 'PhaToken',
  'src/examples/PriceFeed.sol': 'PriceFeed',
  'src/examples/VrfOracle.sol': 'VrfOracle',
  'test/rollup/RollupLensStats.sol': 'RollupLensStats',
}

/** Settings that shape the bytecode; foundry.toml says the same for the tests. */
const SETTINGS = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  // No source hash: the bytecode changes when the code does, not when a comment does.
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

const require = createRequire(import.meta.url)

/** Finds an imported file: one of this package, which begins with its folder, or one of the npm packages. */
function resolveImport(path) {
  const isOwn = path.startsWith('src/') || path.startsWith('test/')
  try {
    return { contents: readFileSync(isOwn ? join(ROOT, path) : require.resolve(path), 'utf8') }
  } catch (error) {
    return { error: `cannot import ${path}: ${error.message}` }
  }
}

/** The same value with the keys of every object sorted. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

/**
 * Compiles every contract that is kept.
 *
 * @returns {Map<string, string>} artifact text by path below the package's folder
 * @throws {Error} with the compiler's messages when it reports any error or warning
 */
export function compile() {
  const sources = Object.fromEntries(
    Object.keys(CONTRACTS).map((path) => [path, { content: readFileSync(join(ROOT, path), 'utf8') }]),
  )
  const input = { language: 'Solidity', sources, settings: SETTINGS }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: resolveImport }))
  const messages = (output.errors ?? []).map((error) => error.formattedMessage)
  if (messages.length > 0) throw new Error(messages.join('\n'))

  return new Map(
    Object.entries(CONTRACTS).map(([path, name]) => {
      const { abi, evm } = output.contracts[path][name]
      const artifact = { abi, bytecode: { object: `0x${evm.bytecode.object}` }, contractName: name }
      return [`artifacts/${name}.json`, `${JSON.stringify(sorted(artifact), null, 2)}\n`]
    }),
  )
}
