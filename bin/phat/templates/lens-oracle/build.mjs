// Bundles the contract into dist/index.js: one ES module that imports nothing but `phat`. The
// source map beside it gives errors their places in the sources; it is not deployed.

import { build } from 'esbuild'

await build({
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.js',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  // Packages choose their browser variant, which needs no module of Node's.
  platform: 'browser',
  external: ['phat'],
  minify: true,
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'info',
})
