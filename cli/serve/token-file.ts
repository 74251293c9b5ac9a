/**
 * The file of static tokens: a line for each, `token,user,uid,"group1,group2"`.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/authentication/token/tokenfile/tokenfile.go
 */
import { readFileSync } from 'node:fs'
import type { User } from '../../engine/apiserver/request.ts'
import { UsageProblem } from '../command.ts'

const CELL = /\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*(,|$)/gy

/** The cells of a line of CSV; undefined when a quotation mark stands where none may. */
export function cellsOf(line: string): readonly string[] | undefined {
  const cells: string[] = []
  CELL.lastIndex = 0
  for (;;) {
    const found = CELL.exec(line)
    if (!found) return undefined
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2]!.trim())
    if (found[3] === '') return cells
  }
}

const LEAST_CELLS = 3

function userFrom([, name = '', uid = '', groups = '']: readonly string[]): User {
  const named = groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '')
  return { name, ...(uid && { uid }), groups: [...named, 'system:authenticated'] }
}

export function readTokens(text: string, path: string): ReadonlyMap<string, User> {
  const tokens = new Map<string, User>()
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return
    const cells = cellsOf(line)
    if (!cells) throw new UsageProblem(`${path}:${index + 1}: this is no CSV: a quotation mark is out of place`)
    if (cells.length < LEAST_CELLS || !cells[0] || !cells[1])
      throw new UsageProblem(`${path}:${index + 1}: a line is token,user,uid or token,user,uid,"group1,group2"`)
    tokens.set(cells[0], userFrom(cells))
  })
  return tokens
}

export function readTokenFile(path: string): ReadonlyMap<string, User> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageProblem(`the token file cannot be read: ${(error as Error).message}`)
  }
  return readTokens(text, path)
}
