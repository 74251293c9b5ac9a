/** Where the recordings lie: an item's folder, and what several items share and may lie with the main recordings only. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const MAIN = join(
  process.env['RECORDINGS'] ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'recordings'),
  'network',
)

export const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))

/** A file that describes the cluster behind the items: from the items' own folder, or from the main recordings. */
export const readShared = (directory: string, ...path: readonly string[]) =>
  readJson(existsSync(join(directory, ...path)) ? directory : MAIN, ...path)

/** The files of a part, none if it is not there. */
export const filesIn = (directory: string, part: string): readonly string[] =>
  existsSync(join(directory, part)) ? readdirSync(join(directory, part)).sort() : []
