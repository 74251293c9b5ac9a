/**
 * Recordings hold symbols where a value is decided by chance or time: `$uid1`, `$rv3`, `$t`. A symbol stands for one value through a
 * whole conversation, versions keep their order, and a uid is never that of another symbol.
 */
export interface Bindings {
  readonly values: Map<string, string>
  /** `$rv3+`: a version not older than `$rv3` and older than `$rv4`. */
  readonly atLeast: { readonly after: number; readonly version: number }[]
}

export const newBindings = (): Bindings => ({ values: new Map(), atLeast: [] })

const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'

/** What each kind of symbol may stand for. Symbols with a number are remembered; the others stand for any value of their form. */
const FORMS: Readonly<Record<string, string>> = {
  uid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  rv: '\\d+',
  rand: '[bcdfghjklmnpqrstvwxz2456789]{5}',
  ip: '[0-9a-f.:]+',
  port: '\\d+',
}

const UNNUMBERED: Readonly<Record<string, string>> = {
  $tu: `${TIME}\\.\\d{6}Z`,
  $t: `${TIME}Z`,
  $now: '\\d+',
  $oldest: '\\d+',
  $age: '(?:<unknown>|<invalid>|(?:\\d+[smhdy])+)',
  '<continue>': '[A-Za-z0-9_=-]+',
  '<jwt>': '[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+',
  '<ca>': '[^"]+',
  '<cert>': '[^"]+',
  '<pem>': '[^"]+',
  '<path>': '[^"]+',
  '<secret>': '[^"]+',
  '<gitVersion>': 'v1\\.36\\.\\d+',
  '<gitCommit>': '[^"]*',
  '<gitTreeState>': '[^"]*',
  '<buildDate>': '[^"]*',
  '<goVersion>': '[^"]*',
  '<compiler>': '[^"]*',
  '<platform>': '[^"]*',
  '<etag>': '[^"]+',
}

const SYMBOL = /\$(?:uid|rv|rand|ip|port)\d+\+?|\$tu|\$t(?![a-z])|\$now|\$oldest|\$age|<[a-zA-Z]+>/g

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

interface Wanted {
  readonly symbol: string
  readonly pattern: string
}

function patternFor(symbol: string, { values }: Bindings): Wanted | undefined {
  const plain = UNNUMBERED[symbol]
  if (plain) return { symbol, pattern: plain }
  const numbered = /^\$([a-z]+)(\d+)(\+?)$/.exec(symbol)
  if (!numbered) return undefined
  const known = values.get(symbol)
  return { symbol, pattern: known === undefined ? FORMS[numbered[1]!]! : escaped(known) }
}

const versionNumber = (symbol: string): number => Number(symbol.slice(3).replace('+', ''))

/** Versions of objects rise with their number. */
function versionsRise({ values, atLeast }: Bindings): boolean {
  const known = [...values].filter(([symbol]) => symbol.startsWith('$rv'))
  const versions = known
    .map(([symbol, value]) => ({ number: versionNumber(symbol), version: Number(value) }))
    .sort((a, b) => a.number - b.number)
  if (versions.some(({ version }, i) => i > 0 && version <= versions[i - 1]!.version)) return false
  return atLeast.every(({ after, version }) =>
    versions.every((one) => (one.number <= after ? one.version <= version : version < one.version)),
  )
}

const isNew = ({ values }: Bindings, symbol: string, value: string): boolean =>
  !symbol.startsWith('$uid') || ![...values].some(([other, known]) => other.startsWith('$uid') && known === value)

function bind(bindings: Bindings, symbol: string, value: string): boolean {
  if (symbol.endsWith('+')) {
    bindings.atLeast.push({ after: versionNumber(symbol), version: Number(value) })
    return versionsRise(bindings)
  }
  if (UNNUMBERED[symbol] || bindings.values.has(symbol)) return true
  if (!isNew(bindings, symbol, value)) return false
  bindings.values.set(symbol, value)
  return !symbol.startsWith('$rv') || versionsRise(bindings)
}

/** Whether a text is what the recorded one stands for. Binds symbols that are met for the first time. */
export function matchText(expected: string, actual: string, bindings: Bindings): boolean {
  if (expected === actual && !/[$<]/.test(expected)) return true
  const wanted: string[] = []
  let pattern = ''
  let end = 0
  for (const found of expected.matchAll(SYMBOL)) {
    const known = patternFor(found[0], bindings)
    if (!known) continue
    pattern += `${escaped(expected.slice(end, found.index))}(${known.pattern})`
    wanted.push(known.symbol)
    end = found.index + found[0].length
  }
  if (wanted.length === 0) return expected === actual
  const match = new RegExp(`^${pattern}${escaped(expected.slice(end))}$`, 's').exec(actual)
  return match !== null && wanted.every((symbol, i) => bind(bindings, symbol, match[i + 1]!))
}

/** A recorded request with the replayer's own values. */
export const substituted = (text: string, { values }: Bindings): string =>
  text.replace(SYMBOL, (symbol) => values.get(symbol.replace('+', '')) ?? symbol)
