// Bundles the contract into dist/index.js: one ES module that imports nothing but the engine's own module.

import { build } from 'esbuild'

await build({
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.js',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  // Packages choose their browser variant, which needs no module of Node's.
  platform: 'browser',
  // The engine has this module.
  external: ['phat'],
  minify: true,
  legalComments: 'none',
  logLevel: 'info',
})
