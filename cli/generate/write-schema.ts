/** The schema as text: the other direction of engine/api/schema-text.ts, whose header explains the form. */

import type { Field, FieldType, ObjectType, Schema, ServedKind } from '../../engine/api/schema.ts'
import type { GeneratedSchema } from '../../engine/api/schema-table.ts'
import { type Home, SCALARS, typeFromLine } from '../../engine/api/schema-text.ts'
import { partsOf } from './names.ts'

const CODES = Object.fromEntries(Object.entries(SCALARS).map(([code, scalar]) => [scalar, code]))

const shortGo = (go: string, { version }: Home): string =>
  go.startsWith(`${version}.`) && !/[[{]/.test(go) ? go.slice(version.length + 1) : go

/** Types of the same table are written without group and version. */
function codeOf(type: string, { groupVersion }: Home): string {
  return type.startsWith(`${groupVersion}.`) ? type.slice(groupVersion.length + 1) : type
}

function typeWord(
  is: FieldType,
  home: Home,
  names: readonly string[] = [],
): readonly [code: string, names: readonly string[]] {
  if ('type' in is) return [codeOf(is.type, home), names]
  const named = [...names, is.go === undefined ? '' : shortGo(is.go, home)]
  if ('scalar' in is) return [CODES[is.scalar]!, named]
  const [code, inner] = typeWord('list' in is ? is.list : is.map, home, named)
  return [('list' in is ? '[' : '{') + code, inner]
}

function marksOf({ required, presence }: Field): string {
  if (presence === 'always') return required ? '!' : '+'
  if (presence === 'null') return required ? '!?' : '?'
  return (required ? '^' : '') + (presence ? '*' : '')
}

const listMark = ({ listType, listKeys }: Field): string =>
  listType === 'map' ? `@${listKeys!.join(',')}` : listType === 'set' ? '@' : ''

const patchMark = ({ patch, patchKey }: Field): string =>
  (patch?.includes('merge') ? `~${patchKey ?? ''}` : '') +
  (patch === 'replace' ? '%%' : patch?.includes('retainKeys') ? '%' : '')

function fieldWord(name: string, field: Field, before: number, home: Home): string {
  const [code, names] = typeWord(field.is, home)
  const go = names
    .map((word) => `=${word}`)
    .join('')
    .replace(/=+$/, '')
  const number = field.number === before + 1 ? '' : `#${field.number}`
  const value = field.default === undefined ? '' : `|${field.default}`
  return `${name}${marksOf(field)}${code === 's' ? '' : `:${code}`}${go}${listMark(field)}${patchMark(field)}${field.atomic ? '&' : ''}${number}${value}`
}

export function typeLine({ goName, atomic, fields }: ObjectType, home: Home): string {
  const words = [goName + (atomic ? '&' : '')]
  let before = 0
  let embedded = ''
  for (const [name, field] of Object.entries(fields)) {
    if ((field.embedded ?? '') !== embedded) words.push(`>${(embedded = field.embedded ?? '')}`)
    words.push(fieldWord(name, field, before, home))
    before = field.number
  }
  return words.join(' ')
}

function enumsIn(is: FieldType, found: Map<string, readonly string[]>): void {
  if ('list' in is) enumsIn(is.list, found)
  else if ('map' in is) enumsIn(is.map, found)
  else if ('scalar' in is && is.enum) {
    const known = found.get(is.go ?? '')
    if (!is.go || (known && known.join() !== is.enum.join())) throw new Error(`two enumerations named ${is.go}`)
    found.set(is.go, is.enum)
  }
}

function homeOf(groupVersion: string, types: readonly ObjectType[]): Home {
  const found = new Map<string, readonly string[]>()
  for (const { fields } of types) for (const { is } of Object.values(fields)) enumsIn(is, found)
  return { groupVersion, version: groupVersion.split('.')[1]!, enums: Object.fromEntries([...found].sort()) }
}

/** What is written must read back as the same. */
function checkedLine(type: ObjectType, home: Home): string {
  const line = typeLine(type, home)
  const [wanted, got] = [type, typeFromLine(line, home)].map((value) => JSON.stringify(sorted(value)))
  if (wanted !== got) throw new Error(`does not read back: ${line}\n${wanted}\n${got}`)
  return line
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, inner]) => [key, sorted(inner)])
}

const ALL_VERBS = 'create delete deletecollection get list patch update watch'
const verbsText = (verbs: readonly string[]): string => (verbs.join(' ') === ALL_VERBS ? '*' : verbs.join(' '))

/** `Pod pods pod namespaced * po all` and the subresources, one string each. */
function kindLines({
  kind,
  plural,
  singular,
  namespaced,
  type,
  verbs,
  shortNames,
  categories,
  subresources,
}: ServedKind): string[] {
  const head = [
    kind,
    plural,
    singular,
    namespaced ? 'n' : 'c',
    type,
    verbsText(verbs),
    shortNames?.join(' ') ?? '',
    categories?.join(' ') ?? '',
  ]
  const tails = (subresources ?? []).map((sub) =>
    [
      sub.name,
      sub.kind === kind && sub.group === undefined ? '' : sub.kind,
      sub.group === undefined ? '' : `${sub.group}/${sub.version}`,
      verbsText(sub.verbs),
    ].join('|'),
  )
  return [head.join('|'), ...tails]
}

export function generatedSchema({ types, kinds }: Schema): GeneratedSchema {
  const tables: Record<string, string> = {}
  const enums: Record<string, string> = {}
  for (const groupVersion of new Set(Object.keys(types).map((name) => name.slice(0, name.lastIndexOf('.'))))) {
    const members = Object.entries(types).filter(([name]) => name.startsWith(`${groupVersion}.`) && partsOf(name).name)
    const home = homeOf(
      groupVersion,
      members.map(([, type]) => type),
    )
    tables[groupVersion] = members.map(([, type]) => checkedLine(type, home)).join('\n')
    const values = Object.entries(home.enums).map(([name, list]) => [name, ...list].join('|'))
    if (values.length > 0) enums[groupVersion] = values.join('\n')
  }
  const served: Record<string, string[][]> = {}
  for (const kind of kinds)
    (served[kind.group ? `${kind.group}/${kind.version}` : kind.version] ??= []).push(kindLines(kind))
  return { types: tables, enums, kinds: served }
}
