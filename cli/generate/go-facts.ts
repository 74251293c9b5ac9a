/**
 * What the published Go types say and no npm package does (see go-facts/main.go, which wrote go-facts.json): the order of
 * the fields, the Go type of each, whether an empty value is written, and the protobuf number.
 */
import { readFileSync } from 'node:fs'

export interface GoField {
  readonly name: string
  readonly pointer: boolean
  /** As reflection prints it: `[]v1.Container`, `v1.RestartPolicy`, `map[string]string`. */
  readonly go: string
  /** What is at the bottom of it: `struct`, `string`, `int32`, … */
  readonly kind: string
  /** The struct's name when it is one. */
  readonly struct?: string
  readonly number: number
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  readonly patch?: string
  readonly patchKey?: string
  /** The embedded structs it is in: `ProbeHandler`. */
  readonly embedded?: string
}

function parseField(line: string): GoField {
  const words = line.split(' ')
  const [name, go, kind] = words as [string, string, string]
  const struct = kind === 'struct' ? words[3] : undefined
  const rest = words.slice(struct ? 4 : 3)
  const option = (key: string): string | undefined =>
    rest.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1)
  const patch = option('patch')
  const patchKey = option('key')
  const embedded = option('in')
  return {
    name: name.replace('*', ''),
    pointer: name.endsWith('*'),
    go,
    kind,
    ...(struct && { struct }),
    number: /^\d+$/.test(rest[0] ?? '') ? Number(rest[0]) : 0,
    omitEmpty: rest.includes('omitempty'),
    omitZero: rest.includes('omitzero'),
    ...(patch && { patch }),
    ...(patchKey && { patchKey }),
    ...(embedded && { embedded }),
  }
}

export function goFacts(): ReadonlyMap<string, readonly GoField[]> {
  const text = readFileSync(new URL('go-facts.json', import.meta.url), 'utf8')
  const types = JSON.parse(text) as Record<string, string[]>
  return new Map(Object.entries(types).map(([name, fields]) => [name, fields.map(parseField)]))
}
