/**
 * busybox's `ls`: errors first, then files, then directories, in its own columns.
 *
 * Left out: colours, sorting other than by name, columns (one name a line, as when it writes to a pipe).
 */

import { absolutePath, type CommandHost, type Finished } from '../../shell/command.ts'
import { EPOCH, unixTimestamp } from '../../std/time.ts'
import { type FileNode, isProblem } from '../runtime/file-tree.ts'
import type { ProgramHost } from './program.ts'

interface Wanted {
  readonly long: boolean
  readonly all: boolean
  readonly itself: boolean
  readonly follow: boolean
  readonly recursive: boolean
  readonly numeric: boolean
}

function wantedOf(argv: readonly string[]): Wanted | string {
  const letters = argv
    .filter((arg) => /^-[^-]/.test(arg))
    .join('')
    .replaceAll('-', '')
  const unknown = [...letters].find((letter) => !'laAdLRn1hF'.includes(letter))
  if (unknown) return unknown
  const has = (letter: string) => letters.includes(letter)
  return {
    long: has('l') || has('n'),
    all: has('a'),
    itself: has('d'),
    follow: has('L'),
    recursive: has('R'),
    numeric: has('n'),
  }
}

const USERS: Readonly<Record<number, string>> = { 0: 'root', 1000: 'app', 65534: 'nobody' }
const GROUPS: Readonly<Record<number, string>> = { 0: 'root', 1000: 'app', 2000: 'extra', 65534: 'nogroup' }
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const bits = (mode: number): string => (mode & 4 ? 'r' : '-') + (mode & 2 ? 'w' : '-') + (mode & 1 ? 'x' : '-')

/** A set bit beyond the usual nine takes the place of an x. */
const special = (text: string, set: boolean, letter: string): string =>
  set ? text.slice(0, 2) + (text[2] === 'x' ? letter : letter.toUpperCase()) : text

export function modeText({ kind, mode }: FileNode): string {
  const type = kind === 'directory' ? 'd' : kind === 'link' ? 'l' : '-'
  const owner = special(bits(mode >> 6), (mode & 0o4000) !== 0, 's')
  const group = special(bits(mode >> 3), (mode & 0o2000) !== 0, 's')
  return type + owner + group + special(bits(mode), (mode & 0o1000) !== 0, 't')
}

function dateText(modified: number): string {
  const [date = '', time = ''] = unixTimestamp(EPOCH + modified).split('T')
  const [, month, day] = date.split('-')
  return `${MONTHS[Number(month) - 1]} ${String(Number(day)).padStart(2)} ${time.slice(0, 5)}`
}

/** What tmpfs says of a directory: forty bytes and twenty for each entry. */
const directorySize = (entries: number): number => 40 + 20 * entries

interface Listing {
  readonly host: ProgramHost
  readonly wanted: Wanted
}

const statOf = ({ host, wanted }: Listing, path: string): FileNode | undefined =>
  wanted.follow ? host.files.stat(path) : host.files.lstat(path)

const entriesOf = ({ host }: Listing, path: string): readonly string[] => {
  const names = host.files.list(path)
  return isProblem(names) ? [] : names
}

function linksOf(listing: Listing, path: string): number {
  const inside = entriesOf(listing, path).filter(
    (name) => listing.host.files.lstat(`${path}/${name}`)?.kind === 'directory',
  )
  return 2 + inside.length
}

function longLine(listing: Listing, path: string, name: string, node: FileNode): string {
  const { numeric } = listing.wanted
  const isDirectory = node.kind === 'directory'
  const user = numeric ? String(node.uid) : (USERS[node.uid] ?? String(node.uid))
  const group = numeric ? String(node.gid) : (GROUPS[node.gid] ?? String(node.gid))
  const size = isDirectory ? directorySize(entriesOf(listing, path).length) : (node.size ?? node.text.length)
  const links = isDirectory ? linksOf(listing, path) : 1
  const columns = [
    modeText(node),
    String(links).padStart(4),
    user.padEnd(8),
    group.padEnd(8),
    String(size).padStart(9),
    dateText(node.modified),
  ]
  return `${columns.join(' ')} ${name}${node.kind === 'link' ? ` -> ${node.text}` : ''}`
}

const line = (listing: Listing, path: string, name: string, node: FileNode): string =>
  listing.wanted.long ? longLine(listing, path, name, node) : name

/** Blocks of files in kibibytes; directories and links of a tmpfs take none. */
function totalOf(listing: Listing, path: string, names: readonly string[]): number {
  const sizes = names.map((name) => statOf(listing, `${path}/${name}`)).filter((node) => node?.kind === 'file')
  return sizes.reduce((sum, node) => sum + Math.ceil((node!.size ?? node!.text.length) / 4096) * 4, 0)
}

function directoryLines(listing: Listing, path: string): string[] {
  const { wanted } = listing
  const inside = entriesOf(listing, path).filter((name) => wanted.all || !name.startsWith('.'))
  const lines = wanted.long ? [`total ${totalOf(listing, path, inside)}`] : []
  if (wanted.all)
    for (const name of ['.', '..']) {
      const real = absolutePath(path, name)
      lines.push(line(listing, real === '/' ? '' : real, name, listing.host.files.stat(real) ?? NO_DIRECTORY))
    }
  for (const name of inside) {
    const node = statOf(listing, `${path}/${name}`)
    if (node) lines.push(line(listing, `${path}/${name}`, name, node))
  }
  return lines
}

const NO_DIRECTORY: FileNode = { kind: 'directory', mode: 0o755, uid: 0, gid: 0, text: '', modified: 0 }

/** A directory and, if wanted, all below it, each under its name. */
function treeLines(listing: Listing, path: string, shown: string, titled: boolean): string[] {
  const lines = [...(titled ? [`${shown}:`] : []), ...directoryLines(listing, path)]
  if (!listing.wanted.recursive) return lines
  for (const name of entriesOf(listing, path)) {
    if (!listing.wanted.all && name.startsWith('.')) continue
    if (listing.host.files.lstat(`${path}/${name}`)?.kind !== 'directory') continue
    lines.push('', ...treeLines(listing, `${path}/${name}`, `${shown === '/' ? '' : shown}/${name}`, true))
  }
  return lines
}

export function listFiles(host: ProgramHost, command: CommandHost): Finished {
  const wanted = wantedOf(command.argv.slice(1))
  if (typeof wanted === 'string') return { err: `ls: unrecognized option: ${wanted}\n`, code: 1 }
  const listing: Listing = { host, wanted }
  const asked = command.argv.slice(1).filter((arg) => !/^-[^-]/.test(arg))
  const operands = asked.length > 0 ? asked : ['.']
  const paths = operands.map((shown) => {
    const path = absolutePath(command.directory, shown)
    return { shown, path: path === '/' ? '' : path }
  })
  const found = paths.map((operand) => ({
    ...operand,
    node: operand.path === '' ? NO_DIRECTORY : statOf(listing, operand.path),
  }))
  const missing = found.filter(({ node }) => !node)
  const opened = ({ path, node }: (typeof found)[number]) =>
    !wanted.itself && host.files.stat(path || '/') && isDirectory(host, path, node)
  const files = found.filter((operand) => operand.node && !opened(operand))
  const directories = found.filter((operand) => operand.node && opened(operand))
  const lines = files.map(({ path, shown, node }) => line(listing, path, shown, node!))
  for (const { path, shown } of directories) {
    if (lines.length > 0) lines.push('')
    lines.push(...treeLines(listing, path, shown, operands.length > 1 || wanted.recursive))
  }
  return {
    out: lines.map((text) => `${text}\n`).join(''),
    err: missing.map(({ shown }) => `ls: ${shown}: No such file or directory\n`).join(''),
    code: missing.length > 0 ? 1 : 0,
  }
}

const isDirectory = (host: ProgramHost, path: string, node: FileNode | undefined): boolean =>
  node?.kind === 'directory' || (node?.kind === 'link' && host.files.stat(path)?.kind === 'directory')
