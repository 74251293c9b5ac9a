/**
 * The Corefile: which zones CoreDNS serves and by which plugins, in a ConfigMap that people edit and break.
 *
 * Upstream: coredns/coredns, Corefile syntax
 * Left out: snippets, imports and environment variables; plugins beyond those of a cluster's standard Corefile are
 * listed by `unknownPlugins` and otherwise skipped.
 */
export interface Directive {
  readonly name: string
  readonly arguments: readonly string[]
  readonly block: readonly Directive[]
}

export interface ServerBlock {
  /** `cluster.local`, or `.` for everything else. */
  readonly zones: readonly string[]
  readonly port: number
  readonly plugins: readonly Directive[]
}

/** Words of a line, braces apart; what follows `#` is for people. */
const wordsOf = (line: string): readonly string[] =>
  line
    .replace(/(^|\s)#.*/, '')
    .split(/\s+/)
    .filter(Boolean)

interface Cursor {
  readonly lines: readonly (readonly string[])[]
  at: number
}

function readBlock(cursor: Cursor): Directive[] {
  const directives: Directive[] = []
  while (cursor.at < cursor.lines.length) {
    const words = cursor.lines[cursor.at++]!
    if (words[0] === '}') return directives
    const opens = words.at(-1) === '{'
    const [name, ...rest] = opens ? words.slice(0, -1) : words
    directives.push({ name: name!, arguments: rest, block: opens ? readBlock(cursor) : [] })
  }
  return directives
}

const ZONE = /^(?:dns:\/\/)?(.*?)(?::(\d+))?$/

function serverBlock({ name, arguments: more, block }: Directive): ServerBlock {
  const keys = [name, ...more].map((key) => ZONE.exec(key.replace(/,$/, ''))!)
  return { zones: keys.map(([, zone]) => zone || '.'), port: Number(keys[0]![2] ?? 53), plugins: block }
}

export function parseCorefile(text: string): readonly ServerBlock[] {
  const lines = text
    .split('\n')
    .map(wordsOf)
    .filter((words) => words.length > 0)
  return readBlock({ lines, at: 0 }).map(serverBlock)
}

/** Answering does not depend on these: they watch, log, or take care of the process. */
const SILENT = [
  'errors',
  'log',
  'health',
  'ready',
  'prometheus',
  'loop',
  'reload',
  'cancel',
  'bufsize',
  'debug',
  'pprof',
]

const MODELLED = ['kubernetes', 'forward', 'cache', 'loadbalance']

/** Plugins of a Corefile that are not modelled: whoever loads it should be told. */
export const unknownPlugins = (blocks: readonly ServerBlock[]): readonly string[] => [
  ...new Set(
    blocks
      .flatMap(({ plugins }) => plugins.map(({ name }) => name))
      .filter((name) => !SILENT.includes(name) && !MODELLED.includes(name)),
  ),
]

export const pluginOf = ({ plugins }: ServerBlock, name: string): Directive | undefined =>
  plugins.find((plugin) => plugin.name === name)

export const optionOf = ({ block }: Directive, name: string): readonly string[] | undefined =>
  block.find((directive) => directive.name === name)?.arguments
