/**
 * How the table of types is written down: one line of text a type, one word a field. It is a fifth of the same in JSON
 * and is read type by type, when someone asks.
 *
 * A word is a name, marks, a colon and a type, and what follows:
 *   `name!`   required and always written; `+` always written; `^` required; `*` a pointer; `?` one that is always written
 *   `:i`      int32; the other letters are in `SCALARS`; nothing is a string; a capital begins a type of the same group and
 *             version, one with dots is a full name; `[x` a list of x, `{x` a map of strings to x
 *   `=Go`     the name of the Go type, the version left out when it is the table's own
 *   `@a,b`    a list that is a map by these keys, `@` a set; `~key`, `~` merge patch; `%` keeps keys, `%%` replaces; `&` atomic
 *   `>Handler` the fields that follow are in an embedded struct, until the next `>`
 *   `#7`      the protobuf number when it is not one more than the field's before; `|TCP` the default
 *
 * Left out: nothing; the enumerations stand in lines of their own (`RestartPolicy Always Never`).
 */
import type { Field, FieldType, ObjectType, Scalar, TypeName } from './schema.ts'

export const SCALARS: Readonly<Record<string, Scalar>> = {
  s: 'string',
  b: 'boolean',
  i: 'int32',
  l: 'int64',
  d: 'double',
  y: 'bytes',
  q: 'quantity',
  t: 'time',
  u: 'microTime',
  o: 'intOrString',
  a: 'any',
}

const MARKS: Readonly<Record<string, Pick<Field, 'required' | 'presence'>>> = {
  '': {},
  '!': { required: true, presence: 'always' },
  '+': { presence: 'always' },
  '^': { required: true },
  '*': { presence: 'pointer' },
  '^*': { required: true, presence: 'pointer' },
  '?': { presence: 'null' },
  '!?': { required: true, presence: 'null' },
}

/** What the words of one group and version are read against. */
export interface Home {
  /** `core.v1` */
  readonly groupVersion: string
  readonly version: string
  /** Values by Go name, as printed. */
  readonly enums: Readonly<Record<string, readonly string[]>>
}

const WORD =
  /^([^:!?+^*=@~%&#|]+)([!?+^*]*)(?::([[{]*)([\w.]+))?((?:=[^=@~%&#|]*)*)(@[\w,]*)?(~\w*)?(%{0,2})(&?)(?:#(\d+))?(?:\|(.*))?$/

const goName = (word: string, { version }: Home): string => (/[.{[]/.test(word) ? word : `${version}.${word}`)

function leafType(code: string, go: string | undefined, home: Home): FieldType {
  if (code.includes('.')) return { type: code }
  if (/^[A-Z]/.test(code)) return { type: `${home.groupVersion}.${code}` }
  const scalar = SCALARS[code]!
  const values = go === undefined ? undefined : home.enums[go]
  return { scalar, ...(values && { enum: values }), ...(go !== undefined && { go }) }
}

/** `names` has the Go name of each level that has one, outermost first; levels without are empty. */
function typeFrom(wrappers: string, code: string, names: readonly string[], home: Home): FieldType {
  const [first, ...rest] = names
  const go = first ? goName(first, home) : undefined
  if (!wrappers) return leafType(code, go, home)
  const inner = typeFrom(wrappers.slice(1), code, rest, home)
  return { ...(wrappers[0] === '[' ? { list: inner } : { map: inner }), ...(go !== undefined && { go }) }
}

const PATCH: Readonly<Record<string, NonNullable<Field['patch']>>> = {
  '~': 'merge',
  '%': 'retainKeys',
  '~%': 'merge,retainKeys',
  '%%': 'replace',
}

const listShape = (keys: string | undefined): Pick<Field, 'listType' | 'listKeys'> =>
  keys === undefined ? {} : keys === '@' ? { listType: 'set' } : { listType: 'map', listKeys: keys.slice(1).split(',') }

const patchShape = (key: string | undefined, retains: string): Pick<Field, 'patch' | 'patchKey'> => {
  const patch = PATCH[`${key === undefined ? '' : '~'}${retains}`]
  return { ...(patch && { patch }), ...(key && key.length > 1 && { patchKey: key.slice(1) }) }
}

const defaultOf = (text: string): string | number => (/^\d+$/.test(text) ? Number(text) : text)

function fieldFrom(word: string, home: Home, before: number): readonly [name: string, field: Field] {
  const [, name, marks, wrappers = '', code = 's', names, keys, key, retains, atomic, number, value] = WORD.exec(word)!
  const field: Field = {
    is: typeFrom(wrappers, code, names!.split('=').slice(1), home),
    ...MARKS[marks!],
    number: number === undefined ? before + 1 : Number(number),
    ...listShape(keys),
    ...(atomic && { atomic: true as const }),
    ...patchShape(key, retains!),
    ...(value !== undefined && { default: defaultOf(value) }),
  }
  return [name!, field]
}

/** A type from its line: `PodSpec volumes:[Volume@name~name% …`; `&` behind the name says that it is atomic. */
export function typeFromLine(line: string, home: Home): ObjectType {
  const [head, ...words] = line.split(' ')
  const fields: Record<string, Field> = {}
  let before = 0
  let embedded = ''
  for (const word of words) {
    if (word[0] === '>') {
      embedded = word.slice(1)
      continue
    }
    const [name, field] = fieldFrom(word, home, before)
    fields[name] = embedded ? { ...field, embedded } : field
    before = field.number
  }
  return { goName: head!.replace('&', ''), ...(head!.endsWith('&') && { atomic: true as const }), fields }
}

export const typeNameOf = (line: string, groupVersion: string): TypeName => `${groupVersion}.${/^\w+/.exec(line)![0]}`
