/**
 * Commands about files and directories: ls, mkdir, rm, cp, mv, touch, ln says what it cannot, stat, basename, dirname, find, tee.
 *
 * Left out: owners and groups other than the person, links, `ls` in several columns, `find` beyond -name, -type, -maxdepth.
 */
import {
  absolutePath,
  afterInput,
  atOnce,
  type Command,
  type CommandHost,
  type FileStat,
  type Finished,
  isFileFailure,
} from '../command.ts'
import { matchesPattern } from '../pattern.ts'
import { type Arguments, type Grammar, joinLines, readArguments, usage } from './arguments.ts'

const withArguments = (
  about: string,
  grammar: Grammar,
  run: (args: Arguments, host: CommandHost) => Finished,
): Command =>
  atOnce((host) => {
    const args = readArguments(host.argv, grammar)
    return typeof args === 'string' ? usage(args) : run(args, host)
  }, about)

const pathIn = (host: CommandHost, path: string): string => absolutePath(host.directory, path)

/** Does something to each operand and gathers the complaints. */
function each(
  host: CommandHost,
  operands: readonly string[],
  act: (path: string, name: string) => string | undefined,
): Finished {
  if (operands.length === 0) return usage(`${host.argv[0]}: missing operand`, 1)
  const problems = operands.flatMap((name) => act(pathIn(host, name), name) ?? [])
  return problems.length > 0
    ? { err: joinLines(problems.map((problem) => `${host.argv[0]}: ${problem}`)), code: 1 }
    : {}
}

const LETTERS = { file: '-', directory: 'd', link: 'l' } as const

const permissions = (mode: number): string =>
  [6, 3, 0]
    .map((shift) => (mode >> shift) & 7)
    .map((bits) => `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`)
    .join('')

const longLine = (name: string, stat: FileStat): string =>
  `${LETTERS[stat.kind]}${permissions(stat.mode)} 1 ${stat.owner ?? 'root root'} ${String(stat.size).padStart(6)} ${name}${stat.target ? ` -> ${stat.target}` : ''}`

function listed(host: CommandHost, path: string, names: readonly string[], args: Arguments): string[] {
  const shown = names.filter((name) => args.flags.has('a') || args.flags.has('A') || !name.startsWith('.'))
  if (!args.flags.has('l')) return shown
  return shown.map((name) => longLine(name, host.files.stat(`${path === '/' ? '' : path}/${name}`)!))
}

export const ls = withArguments('List a directory.', { flags: 'laA1hRtr', long: { all: 'a' } }, (args, host) => {
  const problems: string[] = []
  const operands = args.operands.length > 0 ? args.operands : ['.']
  const blocks = operands.map((name) => {
    const path = pathIn(host, name)
    const names = host.files.list(path)
    const title = operands.length > 1 ? [`${name}:`] : []
    if (!isFileFailure(names)) return [...title, ...listed(host, path, names, args)]
    const stat = host.files.stat(path)
    if (!stat) problems.push(`ls: cannot access '${name}': No such file or directory`)
    return stat ? [args.flags.has('l') ? longLine(name, stat) : name] : []
  })
  return { out: joinLines(blocks.flat()), err: joinLines(problems), code: problems.length > 0 ? 2 : 0 }
})

function makeWithParents(host: CommandHost, path: string): string | undefined {
  const parts = path.split('/').filter(Boolean)
  for (let count = 1; count <= parts.length; count++) {
    const at = `/${parts.slice(0, count).join('/')}`
    const failed = host.files.stat(at) ? undefined : host.files.makeDirectory(at)
    if (failed) return failed.failure
  }
  return undefined
}

export const mkdir = withArguments(
  'Make directories; -p with those above.',
  { flags: 'pv', values: 'm', long: { parents: 'p' } },
  (args, host) =>
    each(host, args.operands, (path, name) => {
      const failed = args.flags.has('p') ? makeWithParents(host, path) : host.files.makeDirectory(path)?.failure
      return failed && `cannot create directory '${name}': ${failed}`
    }),
)

function removeTree(host: CommandHost, path: string): string | undefined {
  const names = host.files.list(path)
  if (!isFileFailure(names)) for (const name of names) removeTree(host, `${path}/${name}`)
  return host.files.remove(path)?.failure
}

export const rm = withArguments(
  'Remove files; -r directories too, -f without complaint.',
  { flags: 'rfRv', long: { recursive: 'r', force: 'f' } },
  (args, host) =>
    each(host, args.operands, (path, name) => {
      const stat = host.files.stat(path)
      if (!stat) return args.flags.has('f') ? undefined : `cannot remove '${name}': No such file or directory`
      const deep = args.flags.has('r') || args.flags.has('R')
      if (stat.kind === 'directory' && !deep) return `cannot remove '${name}': Is a directory`
      const failed = removeTree(host, path)
      return failed && `cannot remove '${name}': ${failed}`
    }),
)

export const rmdir = withArguments('Remove empty directories.', {}, (args, host) =>
  each(host, args.operands, (path, name) => {
    const failed = host.files.remove(path)?.failure
    return failed && `failed to remove '${name}': ${failed}`
  }),
)

export const touch = withArguments('Make empty files that are not there yet.', { flags: 'c' }, (args, host) =>
  each(host, args.operands, (path, name) => {
    const failed = host.files.stat(path) ? undefined : host.files.write(path, '')
    return failed && `cannot touch '${name}': ${failed.failure}`
  }),
)

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function copyTree(host: CommandHost, from: string, to: string): string | undefined {
  const names = host.files.list(from)
  if (isFileFailure(names)) {
    const text = host.files.read(from)
    return isFileFailure(text) ? text.failure : host.files.write(to, text)?.failure
  }
  if (!host.files.stat(to)) host.files.makeDirectory(to)
  return names.map((name) => copyTree(host, `${from}/${name}`, `${to}/${name}`)).find((failed) => failed !== undefined)
}

function transfer(host: CommandHost, { operands, flags }: Arguments, moving: boolean): Finished {
  const target = operands.at(-1)
  if (target === undefined || operands.length < 2) return usage(`${host.argv[0]}: missing file operand`, 1)
  const into = host.files.stat(pathIn(host, target))?.kind === 'directory'
  return each(host, operands.slice(0, -1), (path, name) => {
    const stat = host.files.stat(path)
    if (!stat) return `cannot stat '${name}': No such file or directory`
    if (stat.kind === 'directory' && !moving && !flags.has('r') && !flags.has('a'))
      return `-r not specified; omitting directory '${name}'`
    const to = into ? `${pathIn(host, target)}/${lastPart(path)}` : pathIn(host, target)
    const failed = copyTree(host, path, to) ?? (moving ? removeTree(host, path) : undefined)
    return failed && `cannot ${moving ? 'move' : 'copy'} '${name}': ${failed}`
  })
}

export const cp = withArguments(
  'Copy files; -r directories.',
  { flags: 'raRfv', long: { recursive: 'r' } },
  (args, host) => transfer(host, args, false),
)

export const mv = withArguments('Move or rename files.', { flags: 'fv' }, (args, host) => transfer(host, args, true))

export const chmod = withArguments(
  'Change permissions, in octal or as +x.',
  { flags: 'R' },
  ({ operands: [mode = '', ...names] }, host) =>
    each(host, names, (path, name) => {
      const stat = host.files.stat(path)
      if (!stat) return `cannot access '${name}': No such file or directory`
      const bits = /^[0-7]+$/.test(mode)
        ? Number.parseInt(mode, 8)
        : mode.includes('+x')
          ? stat.mode | 0o111
          : stat.mode
      const failed = host.files.chmod?.(path, bits)
      return failed && `changing permissions of '${name}': ${failed.failure}`
    }),
)

export const basename = withArguments('The last part of a path.', {}, ({ operands: [path = '', suffix = ''] }) => {
  const name = lastPart(path.replace(/\/+$/, ''))
  return {
    out: `${suffix !== '' && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name}\n`,
  }
})

export const dirname = withArguments('A path without its last part.', {}, ({ operands: [path = ''] }) => {
  const at = path.replace(/\/+$/, '').lastIndexOf('/')
  return { out: `${at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at)}\n` }
})

interface Found {
  readonly path: string
  readonly depth: number
  readonly stat: FileStat
}

function walk(host: CommandHost, path: string, depth: number): Found[] {
  const absolute = pathIn(host, path)
  const stat =
    host.files.stat(absolute) ??
    (absolute === '/' ? ({ kind: 'directory', mode: 0o755, size: 0, modified: 0 } as const) : undefined)
  if (!stat) return []
  const names = stat.kind === 'directory' ? host.files.list(absolute) : []
  const inside = isFileFailure(names)
    ? []
    : names.flatMap((name) => walk(host, `${path === '/' ? '' : path}/${name}`, depth + 1))
  return [{ path, depth, stat }, ...inside]
}

const FIND_TESTS: Readonly<Record<string, (found: Found, value: string) => boolean>> = {
  '-name': ({ path }, value) => matchesPattern(lastPart(path), value),
  '-iname': ({ path }, value) => matchesPattern(lastPart(path).toLowerCase(), value.toLowerCase()),
  '-path': ({ path }, value) => matchesPattern(path, value),
  '-type': ({ stat }, value) => ({ f: 'file', d: 'directory', l: 'link' })[value] === stat.kind,
  '-maxdepth': ({ depth }, value) => depth <= Number(value),
  '-mindepth': ({ depth }, value) => depth >= Number(value),
}

export const find = atOnce((host) => {
  const args = host.argv.slice(1)
  const first = args.findIndex((arg) => arg.startsWith('-'))
  const paths = args.slice(0, first < 0 ? args.length : first)
  const tests = args.slice(first < 0 ? args.length : first).filter((arg) => arg !== '-print')
  const unknown = tests.find((arg, at) => at % 2 === 0 && !FIND_TESTS[arg])
  if (unknown) return usage(`find: unknown predicate '${unknown}'`, 1)
  const passes = (found: Found) =>
    tests.every((name, at) => at % 2 === 1 || FIND_TESTS[name]!(found, tests[at + 1] ?? ''))
  return {
    out: joinLines(
      (paths.length > 0 ? paths : ['.'])
        .flatMap((path) => walk(host, path, 0))
        .filter(passes)
        .map(({ path }) => path),
    ),
  }
}, 'Find files by -name, -type, -maxdepth.')

export const tee = afterInput(
  () => true,
  (input, host) => {
    const args = readArguments(host.argv, { flags: 'a', long: { append: 'a' } })
    if (typeof args === 'string') return usage(args)
    const wrote = each(host, args.operands.length > 0 ? args.operands : ['/dev/null'], (path, name) => {
      const old = args.flags.has('a') ? host.files.read(path) : ''
      const failed = path === '/dev/null' ? undefined : host.files.write(path, (isFileFailure(old) ? '' : old) + input)
      return failed && `${name}: ${failed.failure}`
    })
    return { ...wrote, out: input }
  },
  'Copy standard input to files and on.',
) as Command
