/** Paths of files, as the commands take them and as messages show them. */
import type { Client } from './client.ts'

/** A path without `.`, `..` and doubled slashes. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '..' || !rooted) parts.push(part)
  }
  return (rooted ? '/' : '') + parts.join('/') || '.'
}

export const absolutePath = (client: Client, path: string): string =>
  cleanPath(path.startsWith('/') ? path : `${client.workingDirectory}/${path}`)

/** The directory a file is in, as the file's path was written. */
export const baseDirectory = (path: string): string =>
  path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : ''

export const baseName = (path: string): string => cleanPath(path).split('/').at(-1) ?? ''

export const joinPath = (directory: string, path: string): string =>
  path.startsWith('/') || directory === '' ? path : cleanPath(`${directory}/${path}`)

export const readFile = (client: Client, path: string) => client.files.read(absolutePath(client, path))

export const listFiles = (client: Client, path: string) => client.files.list(absolutePath(client, path))

export const extensionOf = (path: string): string => /\.[^./]*$/.exec(path)?.[0] ?? ''
