/**
 * Whether a pod's life agrees with a recorded one: the same versions in the same order with the same fields, the same
 * Events, the same logs. What the recorder named by symbols (ids, addresses) has to stand for one thing throughout. As the
 * recordings' README says, status versions that follow each other within about a second may be one or two; times may
 * differ by what a busy machine takes, and by the chance that a kubelet draws for its waits.
 */
import type { FlatVersion, RecordedEvent } from './recording.ts'

/** How long a kubelet status may have lived for it to have been merged with the next. */
const MERGED_WITHIN = 1.3

/** A busy machine's delay between two things that follow each other. */
const SLACK = 2.5

/** Waits that upstream draws by chance are up to half as long again. */
const DRAWN =
  /CrashLoopBackOff|ImagePull|CreateContainerConfigError|RunContainerError|InvalidImageName|ErrImageNeverPull/

const CGROUP_V1_UNLIMITED = '9007199254740988Ki'

/** Images of the recorder that have the same content, of which containerd names any. */
const SAME_IMAGE = /docker\.io\/library\/(busybox|alpine)(:[\w.]+|@sha256:<digest>)/g

export type Fields = Readonly<Record<string, unknown>>

/** What is the recorder's environment and not Kubernetes: see "To normalise" there. */
export function normalFields(fields: Fields): Fields {
  const result: Record<string, unknown> = {}
  const readFromCgroup = fields['status.resources.limits.memory'] === CGROUP_V1_UNLIMITED
  for (const [path, value] of Object.entries(fields)) {
    if (readFromCgroup && path.startsWith('status.resources')) continue
    if (path.startsWith('spec.') || path === 'metadata.uid') continue
    result[path] = typeof value === 'string' ? normalText(value) : value
  }
  return { ...result, ...(readFromCgroup && { [CGROUP]: true }) }
}

/** Marks a version whose `status.resources` was read from a control group of version 1, and says nothing. */
const CGROUP = 'control group version 1'

const withResources = (fields: Fields, like: Fields | undefined): Fields => {
  if (!(CGROUP in fields)) return fields
  const { [CGROUP]: _mark, ...rest } = fields
  const resources = Object.entries(like ?? {}).filter(([path]) => path.startsWith('status.resources'))
  return { ...rest, ...Object.fromEntries(resources) }
}

export const normalText = (text: string): string =>
  text
    .replace(SAME_IMAGE, 'docker.io/library/busybox or alpine$2')
    .replace(/docker\.io\/library\/busybox or alpine:[\w.]+/g, 'docker.io/library/busybox or alpine')
    .replace(
      / in [\d.]+m?s? ?\(?(?:\d+m)?[\d.]+m?s including waiting\)\. Image size: \d+ bytes\./,
      ' in <time>. Image size: <bytes> bytes.',
    )
    .replace(/https?:\/\/\S+\/token\?/, '<realm>?')
    .replace(/requested: (\d+), used: \d+, capacity: \d+/, 'requested: $1, used: <n>, capacity: <n>')

const SYMBOL = /<(id|uid|podIP)-\d+>/g
const TIME = /^<t([+-]\d+)s>$/

/** One symbol of theirs stands for one of ours, and back. */
export class Symbols {
  readonly #ours = new Map<string, string>()
  readonly #theirs = new Map<string, string>()

  agree(ours: string, theirs: string): boolean {
    if (ours.replace(SYMBOL, '<$1>') !== theirs.replace(SYMBOL, '<$1>')) return false
    const left = ours.match(SYMBOL) ?? []
    const right = theirs.match(SYMBOL) ?? []
    return left.every((symbol, i) => this.#pair(symbol, right[i]!))
  }

  #pair(ours: string, theirs: string): boolean {
    const known = this.#ours.get(ours)
    if (known !== undefined) return known === theirs
    if (this.#theirs.has(theirs)) return false
    this.#ours.set(ours, theirs)
    this.#theirs.set(theirs, ours)
    return true
  }

  copy(): Symbols {
    const copy = new Symbols()
    for (const [ours, theirs] of this.#ours) copy.#pair(ours, theirs)
    return copy
  }
}

/** Between no drift and the drift by now, give or take. */
const within = (difference: number, drift: number, slack: number): boolean =>
  difference >= Math.min(0, drift) - slack && difference <= Math.max(0, drift) + slack

const timesAgree = (ours: string, theirs: string, drift: number): boolean => {
  const a = TIME.exec(ours)
  const b = TIME.exec(theirs)
  if (!a || !b) return false
  const difference = Number(a[1]) - Number(b[1])
  return (
    Number(b[1]) < -1_000_000 === Number(a[1]) < -1_000_000 &&
    (Number(b[1]) < -1_000_000 || within(difference, drift, SLACK + 1 + 0.05 * Math.abs(Number(b[1]))))
  )
}

/** The first field in which two versions differ, or undefined. `drift`: how much later ours is by now. */
export function fieldDifference(ours: Fields, theirs: Fields, symbols: Symbols, drift: number): string | undefined {
  for (const path of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    const a = ours[path]
    const b = theirs[path]
    if (JSON.stringify(a) === JSON.stringify(b)) {
      if (typeof a === 'string' && !symbols.agree(a, b as string)) return `${path}: another ${a}`
      continue
    }
    if (typeof a === 'string' && typeof b === 'string') {
      if (TIME.test(b) ? timesAgree(a, b, drift) : symbols.agree(a, b)) continue
    }
    return `${path}: ${JSON.stringify(a)} should be ${JSON.stringify(b)}`
  }
  return undefined
}

const isDrawn = (fields: Fields): boolean =>
  Object.values(fields).some((value) => typeof value === 'string' && DRAWN.test(value))

/** When it is said that a container is held back is a matter of chance; when it starts again is counted from before. */
const isHeldBack = (fields: Fields): boolean => Object.values(fields).includes('CrashLoopBackOff')

/** Versions that say nothing new once the recorder's environment is left out are none. */
function distinct(versions: readonly FlatVersion[]): readonly FlatVersion[] {
  const kept: FlatVersion[] = []
  for (const version of versions) {
    const before = kept.at(-1)
    const fields = withResources(normalFields(version.fields), before?.fields)
    if (
      before &&
      version.type !== 'DELETED' &&
      JSON.stringify(sorted(before.fields)) === JSON.stringify(sorted(fields))
    )
      continue
    kept.push({ ...version, fields })
  }
  return kept
}

const sorted = (fields: Fields): [string, unknown][] => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))

const isKubelet = ({ by, type }: FlatVersion): boolean =>
  type === 'MODIFIED' && (by.length === 0 || by.some((who) => who.startsWith('kubelet')))

/** A version that the next one may have swallowed. */
const mayMerge = (versions: readonly FlatVersion[], i: number): boolean =>
  i + 1 < versions.length &&
  isKubelet(versions[i]!) &&
  isKubelet(versions[i + 1]!) &&
  versions[i + 1]!.t - versions[i]!.t <= MERGED_WITHIN

interface Aligned {
  readonly difference?: string
  readonly reached: number
}

const gapAgrees = (ours: number, theirs: number, drawn: boolean): boolean =>
  Math.abs(ours - theirs) <= SLACK + 0.05 * theirs ||
  (drawn && ours <= theirs * 1.5 + SLACK && theirs <= ours * 1.5 + SLACK)

/**
 * Walks both lives side by side; where they differ, one that may have been merged is passed over. From where it has
 * failed once it is not tried again.
 */
function align(
  ours: readonly FlatVersion[],
  theirs: readonly FlatVersion[],
  i: number,
  j: number,
  last: readonly [number, number] | undefined,
  symbols: Symbols,
  hopeless: Map<string, Aligned>,
): Aligned {
  const known = hopeless.get(`${i} ${j}`)
  if (known) return known
  const found = alignFrom(ours, theirs, i, j, last, symbols, hopeless)
  if (found.difference !== undefined) hopeless.set(`${i} ${j}`, found)
  return found
}

function alignFrom(
  ours: readonly FlatVersion[],
  theirs: readonly FlatVersion[],
  i: number,
  j: number,
  last: readonly [number, number] | undefined,
  symbols: Symbols,
  hopeless: Map<string, Aligned>,
): Aligned {
  const a = ours[i]
  const b = theirs[j]
  if (!a && !b) return { reached: j }
  let difference = a
    ? 'one version more than recorded'
    : `a version is missing: ${JSON.stringify(b!.fields).slice(0, 80)}`
  let best: Aligned = { difference, reached: j }
  if (a && b) {
    const trial = symbols.copy()
    const drawn = isDrawn(b.fields) || (j > 0 && isDrawn(theirs[j - 1]!.fields))
    const gap = !last || gapAgrees(a.t - last[0], b.t - last[1], drawn)
    const found =
      a.type !== b.type
        ? `${a.type} should be ${b.type}`
        : (fieldDifference(a.fields, b.fields, trial, a.t - b.t) ??
          (gap ? undefined : `comes ${(a.t - last![0]).toFixed(1)} s later, recorded ${(b.t - last![1]).toFixed(1)} s`))
    if (found === undefined) {
      const since = last && isHeldBack(b.fields) ? last : ([a.t, b.t] as const)
      const rest = align(ours, theirs, i + 1, j + 1, since, trial, hopeless)
      if (rest.difference === undefined) return rest
      best = rest
    } else {
      difference = `version ${j} at ${b.t}: ${found}`
      best = { difference, reached: j }
    }
  }
  const better = (other: Aligned) => (other.difference === undefined || other.reached > best.reached ? other : best)
  if (a && mayMerge(ours, i)) best = better(align(ours, theirs, i + 1, j, last, symbols.copy(), hopeless))
  if (best.difference !== undefined && b && mayMerge(theirs, j))
    best = better(align(ours, theirs, i, j + 1, last, symbols.copy(), hopeless))
  return best
}

export function livesDiffer(
  ours: readonly FlatVersion[],
  theirs: readonly FlatVersion[],
  symbols: Symbols,
): string | undefined {
  return align(distinct(ours), distinct(theirs), 0, 0, undefined, symbols, new Map()).difference
}

const eventText = ({ type, reason, message, about }: RecordedEvent): string =>
  `${about} ${type} ${reason} ${normalText(message)}`

/** The texts about each container in the order in which they first appeared, with how often they were said in the end. */
export function eventsByAbout(events: readonly RecordedEvent[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const result = new Map<string, Map<string, number>>()
  for (const event of events) {
    if (event.from !== 'kubelet') continue
    const of = result.get(event.about) ?? new Map<string, number>()
    result.set(event.about, of)
    const text = eventText(event).replace(SYMBOL, '<$1>')
    of.set(text, Math.max(of.get(text) ?? 0, event.count ?? 1))
  }
  return result
}

/** How often a text was said, over all recorded runs. */
function span(
  runs: readonly ReadonlyMap<string, ReadonlyMap<string, number>>[],
  about: string,
  text: string,
): readonly [number, number] {
  const counts = runs.map((run) => run.get(about)?.get(text)).filter((count) => count !== undefined)
  return [Math.min(...counts), Math.max(...counts)]
}

export function eventsDiffer(
  ours: readonly RecordedEvent[],
  theirs: readonly RecordedEvent[],
  allRuns: readonly (readonly RecordedEvent[])[],
): string | undefined {
  const a = eventsByAbout(ours)
  const b = eventsByAbout(theirs)
  const runs = allRuns.map(eventsByAbout)
  for (const about of new Set([...b.keys(), ...a.keys()])) {
    const left = [...(a.get(about) ?? [])]
    const right = [...(b.get(about) ?? [])]
    for (const [i, [text]] of right.entries())
      if (left[i]?.[0] !== text) return `event ${i}: ${left[i]?.[0] ?? 'none'} should be ${text}`
    if (left.length > right.length) return `event too many: ${left[right.length]![0]}`
    for (const [text, count] of left) {
      const [least, most] = span(runs, about, text)
      const slack = 1 + Math.floor(0.1 * most)
      if (count < least - slack || count > most + slack)
        return `${text}: said ${count} times, recorded ${least} to ${most}`
    }
  }
  return undefined
}

/** The first of a kind is 1, another one 2, and so on. */
function numbered(kind: string): (value: string) => string {
  const seen: string[] = []
  return (value) => {
    if (!seen.includes(value)) seen.push(value)
    return `<${kind}-${seen.indexOf(value) + 1}>`
  }
}

/** Dates, stamps and sizes of directories in listings are those of the recorder's disks, which were all in memory. */
export const normalOutput = (text: string): string =>
  text
    .replace(/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d\b/g, '<date>')
    .replace(/\.\.\d{4}(_\d\d){5}\.\d+/g, '..<stamp>')
    .replace(/^(d[rwxsStT-]{9}) +\d+ (\S+ +\S+) +\d+ <date>/gm, '$1 <links> $2 <size> <date>')
    .replace(/ (tmpfs|ext4)$/gm, ' <file system>')
    .replace(/\b10\.96\.(?!0\.)\d+\.\d+\b/g, numbered('clusterIP'))
