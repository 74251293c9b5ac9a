/** The files that recorded commands found in their working directory, and a memory that holds them for a shell. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ShellFiles } from '../../../engine/shell/command.ts'

/** Texts; files that are not UTF-8 as bytes. */
export type Inputs = ReadonlyMap<string, string | readonly number[]>

export const WORK = '/work'
export const HOME = '/home'

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n'
const KEY = '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n'

/** Made when recording, because no key belongs into a repository. */
const MADE: Readonly<Record<string, string>> = {
  'tls.crt': CERTIFICATE,
  'ca.crt': CERTIFICATE,
  'tls.key': KEY,
  'other.key': KEY,
  'user.csr': '-----BEGIN CERTIFICATE REQUEST-----\nMII\n-----END CERTIFICATE REQUEST-----\n',
}

function contentOf(bytes: Buffer): string | readonly number[] {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return [...bytes]
  }
}

export function readInputs(directory: string): Inputs {
  const inputs = new Map<string, string | readonly number[]>()
  const walk = (from: string, to: string): void => {
    for (const entry of readdirSync(from, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const [source, target] = [join(from, entry.name), `${to}/${entry.name}`]
      if (entry.isDirectory()) walk(source, target)
      else inputs.set(target, contentOf(readFileSync(source)))
    }
  }
  walk(directory, WORK)
  for (const [name, text] of Object.entries(MADE)) inputs.set(`${WORK}/${name}`, text)
  return inputs
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Paths and secrets as the recording calls them. */
export const redacted = (text: string): string =>
  text
    .replaceAll(/eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g, '<jwt>')
    .replaceAll(/\/tmp(?=\/(?:LIVE|MERGED|kubectl))/g, '$TMPDIR')
    .replaceAll(base64(CERTIFICATE), '<base64 certificate>')
    .replaceAll(base64(KEY), '<base64 private key>')
    .replaceAll(CERTIFICATE.trimEnd(), '<certificate>')
    .replaceAll(KEY.trimEnd(), '<private key>')
    .replaceAll(/\/work(?=[/\s"':,]|$)/gm, '$PWD')
    .replaceAll(/\/home(?=[/\s"':,]|$)/gm, '$HOME')

/** A shell's files in memory. Bytes are given out as they are: only kubectl reads such files. */
export function memoryFiles(files: Map<string, string | readonly number[]>): ShellFiles {
  const directories = new Set<string>(['/', WORK, HOME, '/tmp', '/dev', '/usr', '/usr/bin'])
  const isDirectory = (path: string): boolean =>
    directories.has(path) || [...files.keys()].some((name) => name.startsWith(`${path}/`))
  const missing = { failure: 'No such file or directory' }
  return {
    read: (path) =>
      path === '/dev/null'
        ? ''
        : ((files.get(path) as string | undefined) ?? (isDirectory(path) ? { failure: 'Is a directory' } : missing)),
    write: (path, text) => {
      if (path !== '/dev/null') files.set(path, text)
      return undefined
    },
    list: (path) => {
      const begin = path === '/' ? '/' : `${path}/`
      const names = [...files.keys(), ...directories]
        .filter((name) => name.startsWith(begin) && name !== begin)
        .map((name) => name.slice(begin.length).split('/')[0]!)
      return isDirectory(path) ? [...new Set(names)].sort() : missing
    },
    stat: (path) => {
      const text = files.get(path)
      if (text !== undefined)
        return {
          kind: 'file',
          mode: path.includes('/plugins/') ? 0o755 : path.endsWith('.kube/config') ? 0o600 : 0o644,
          size: text.length,
          modified: 0,
        }
      return isDirectory(path) ? { kind: 'directory', mode: 0o755, size: 0, modified: 0 } : undefined
    },
    makeDirectory: (path) => void directories.add(path),
    remove: (path) => {
      directories.delete(path)
      return files.delete(path) ? undefined : missing
    },
    chmod: () => undefined,
  }
}
