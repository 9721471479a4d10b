// Bundles the contract into dist/index.js: one ES module without imports, the form that the engine runs.

import { build } from 'esbuild'

await build({
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.js',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  // Packages choose their browser variant, which needs no module of Node's.
  platform: 'browser',
  minify: true,
  legalComments: 'none',
  logLevel: 'info',
})
