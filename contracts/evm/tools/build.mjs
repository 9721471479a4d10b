// Writes artifacts/*.json; with --check, says whether they are current instead.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { compile, ROOT } from './compile.mjs'

const args = process.argv.slice(2)
if (args.some((arg) => arg !== '--check')) {
  console.error('usage: build.mjs [--check]')
  process.exit(2)
}

/** Files in artifacts/ that no contract stands behind. */
function leftovers(artifacts) {
  const folder = join(ROOT, 'artifacts')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .map((name) => `artifacts/${name}`)
    .filter((path) => !artifacts.has(path))
}

let artifacts
try {
  artifacts = compile()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

if (args.includes('--check')) {
  const stale = [...artifacts]
    .filter(([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text)
    .map(([path]) => path)
    .concat(leftovers(artifacts))
  for (const path of stale) console.error(`${path} is stale: run \`npm run build\``)
  process.exit(stale.length === 0 ? 0 : 1)
}

mkdirSync(join(ROOT, 'artifacts'), { recursive: true })
for (const path of leftovers(artifacts)) rmSync(join(ROOT, path))
for (const [path, text] of artifacts) {
  writeFileSync(join(ROOT, path), text)
  console.log(`${path}  ${text.length} bytes`)
}
