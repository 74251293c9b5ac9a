/**
 * How large the engine is for who loads it: bundled, minified and compressed; what is written in it, and the packages that it uses.
 * Prints one line of JSON.
 */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { tell } from './scene.ts'

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../../engine/index.ts', import.meta.url))],
  bundle: true,
  minify: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2023',
  charset: 'utf8',
  logLevel: 'error',
})
const code = outputFiles[0]!.contents
tell({ bytes: code.length, gzipBytes: gzipSync(code, { level: 9 }).length })
