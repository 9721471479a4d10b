#!/usr/bin/env node
// Stands in for the solc binary: answers what forge asks of it, through solc-js.

import { readFileSync } from 'node:fs'

import solc from 'solc'

const args = process.argv.slice(2)
if (args.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`)
} else if (args.includes('--standard-json')) {
  // Forge sends every source's text along, so no import needs to be looked up.
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
} else {
  console.error(`solc.mjs: only --version and --standard-json are known, got: ${args.join(' ')}`)
  process.exit(2)
}
