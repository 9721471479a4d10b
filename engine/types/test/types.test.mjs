// Compiles the samples: what they use must be there, and what they mark as an error must be one.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

async function compile(project) {
  const arguments_ = [path('../node_modules/typescript/bin/tsc'), '--project', path(project), '--pretty', 'false']
  const report = await promisify(execFile)(process.execPath, arguments_).then(
    () => '',
    (error) => error.stdout || String(error),
  )
  assert.equal(report, '')
}

test('the declarations are right by themselves', () => compile('tsconfig.json'))
test('the module goes with the library DOM', () => compile('tsconfig.dom.json'))
