/** The files that a check reads: those that were named, and in folders everything that ends like a manifest. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { YAML_LIMIT } from '../../engine/std/yaml.ts'
import { UsageProblem } from '../command.ts'

const ENDINGS = ['.yaml', '.yml', '.json']

/** Not manifests, though they end like some. */
const PASSED_OVER = ['node_modules', 'kustomization.yaml', 'kustomization.yml', 'package.json', 'package-lock.json']

export interface ManifestFile {
  readonly path: string
  readonly text: string
}

const MEBIBYTE = 1024 * 1024

function explained<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageProblem(`there is no file or folder "${path}"`)
    throw new UsageProblem(`"${path}" cannot be read: ${message}`)
  }
}

function filesIn(folder: string): readonly string[] {
  const entries = explained(folder, () => readdirSync(folder, { withFileTypes: true }))
  return entries
    .filter(({ name }) => !name.startsWith('.') && !PASSED_OVER.includes(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesIn(path)
      return ENDINGS.some((ending) => entry.name.endsWith(ending)) ? [path] : []
    })
}

function readFile(path: string): ManifestFile {
  const { size } = explained(path, () => statSync(path))
  if (size > YAML_LIMIT)
    throw new UsageProblem(
      `"${path}" has ${Math.ceil(size / MEBIBYTE)} MiB; more than ${YAML_LIMIT / MEBIBYTE} MiB is not read. Split it, or leave it out`,
    )
  const text = explained(path, () => readFileSync(path, 'utf8'))
  if (text.includes('\0')) throw new UsageProblem(`"${path}" is not a text`)
  return { path, text }
}

export function manifestFiles(names: readonly string[]): readonly ManifestFile[] {
  const paths = names.flatMap((name) => (explained(name, () => statSync(name)).isDirectory() ? filesIn(name) : [name]))
  if (paths.length === 0)
    throw new UsageProblem(`there are no manifests in ${names.join(', ')}: no file ends with ${ENDINGS.join(', ')}`)
  return [...new Set(paths)].map(readFile)
}
