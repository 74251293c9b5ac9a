/** The library as one file, for who imports `kubefold` without a TypeScript loader. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export async function buildLibrary(): Promise<void> {
  await build({
    entryPoints: [at('engine/index.ts')],
    outfile: at('dist/kubefold.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2023',
    logLevel: 'error',
  })
}
