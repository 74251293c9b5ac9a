/** The shape of a recorded scenario of a real kubelet, as far as it is compared. */
export interface Step {
  readonly create?: {
    readonly kind: string
    readonly apiVersion?: string
    readonly metadata: { readonly name: string }
  } & Record<string, unknown>
  readonly until?: string
  readonly timeout?: number
  readonly sleep?: number
  readonly kubectl?: string
  readonly node?: readonly [string, string]
  readonly patch?: readonly [string, unknown]
  readonly shell?: string
}

export interface RanStep extends Step {
  readonly t: number
  readonly took?: number
  readonly rc?: number | string
  readonly stdout?: string
  readonly stderr?: string
  readonly status?: number
}

export interface Version {
  readonly t: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly by?: readonly string[]
  readonly object?: Record<string, unknown>
  readonly change?: Readonly<Record<string, unknown>>
}

export interface RecordedEvent {
  readonly t: number
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly about: string
  readonly from: string
  readonly count?: number
  readonly host?: string
}

export interface Run {
  readonly steps: readonly RanStep[]
  readonly pods: Readonly<Record<string, readonly Version[]>>
  readonly events: readonly RecordedEvent[]
  readonly logs?: Readonly<Record<string, string>>
}

export interface Scenario {
  readonly id: string
  readonly scenario: { readonly id: string; readonly title: string; readonly steps: readonly Step[] }
  readonly runs: readonly Run[]
}

type Plain = Readonly<Record<string, unknown>>

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Flat paths as the recorder writes them: list elements by name, type, ip, mountPath or key, else by index. */
export function flat(value: unknown, path = '', into: Record<string, unknown> = {}): Record<string, unknown> {
  if (isPlain(value) && Object.keys(value).length > 0)
    for (const [key, inner] of Object.entries(value)) flat(inner, path ? `${path}.${key}` : key, into)
  else if (Array.isArray(value) && value.length > 0)
    value.forEach((inner, i) => {
      const named = isPlain(inner) ? ['name', 'type', 'ip', 'mountPath', 'key'].find((key) => key in inner) : undefined
      flat(inner, `${path}[${named ? (inner as Plain)[named] : i}]`, into)
    })
  else into[path] = value
  return into
}

export type FlatVersion = {
  readonly t: number
  readonly type: Version['type']
  readonly by: readonly string[]
  readonly fields: Readonly<Record<string, unknown>>
}

/** Each version as the whole of its fields. */
export function wholeVersions(versions: readonly Version[]): readonly FlatVersion[] {
  let fields: Record<string, unknown> = {}
  return versions.map(({ t, type, by = [], object, change }) => {
    if (object) fields = flat(object)
    else {
      fields = { ...fields }
      for (const [path, value] of Object.entries(change ?? {})) {
        if (value === null && !staysNull(path, change ?? {})) delete fields[path]
        else fields[path] = value
      }
      dropEmptied(fields, change ?? {})
    }
    return { t, type, by, fields }
  })
}

/** A null is what went away, but a condition that stays has no probe time, and says so with a null. */
const staysNull = (path: string, change: Plain): boolean =>
  path.endsWith('.lastProbeTime') && change[path.replace(/lastProbeTime$/, 'type')] !== null

/** `lastState: {}` gives way to `lastState.terminated…`; the recorder says so with a null for the shorter path. */
function dropEmptied(fields: Record<string, unknown>, change: Plain): void {
  for (const path of Object.keys(change)) {
    const parent = path.slice(0, Math.max(path.lastIndexOf('.'), 0))
    if (parent && change[path] !== null && isPlain(fields[parent]) && Object.keys(fields[parent] as Plain).length === 0)
      delete fields[parent]
  }
}
