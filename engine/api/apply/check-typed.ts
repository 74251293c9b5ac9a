/**
 * Whether a configuration that someone applies has the shape of its type: apply cannot own fields that it does not
 * know, nor two items of one name.
 *
 * Upstream: sigs.k8s.io/structured-merge-diff/typed/validate.go
 */
import { goValue } from '../../std/go-value.ts'
import { elementText } from './field-set.ts'
import {
  itemElement,
  type Json,
  type JsonMap,
  type KeyedShape,
  type LeafShape,
  type Shape,
  valueElement,
} from './shape.ts'

const NONE: readonly string[] = []

const GO_TYPES: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool', number: 'int64' }

const goType = (value: Json): string => {
  if (Array.isArray(value)) return '[]interface {}'
  return GO_TYPES[typeof value] ?? 'map[string]interface {}'
}

/** How Go prints the box in which a value comes. */
const boxed = (value: Json): string => `&{${goValue(value)}}`

const isMap = (value: Json): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value)

type Kind = 'numeric' | 'string' | 'boolean' | 'list' | 'map' | 'scalar' | 'anything'

const KINDS: Readonly<Record<LeafShape['of'], Kind>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'numeric',
  int64: 'numeric',
  double: 'numeric',
  bytes: 'string',
  quantity: 'scalar',
  time: 'scalar',
  microTime: 'scalar',
  intOrString: 'scalar',
  any: 'anything',
  list: 'list',
  map: 'map',
}

const EXPECTED: Readonly<Record<Kind, (value: Json) => string | undefined>> = {
  numeric: (value) => (typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`),
  string: (value) =>
    typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goValue(value)}}`,
  boolean: (value) => (typeof value === 'boolean' ? undefined : `expected boolean, got ${boxed(value)}`),
  list: (value) => (Array.isArray(value) ? undefined : `expected list, got ${boxed(value)}`),
  map: (value) => (isMap(value) ? undefined : `expected map, got ${boxed(value)}`),
  scalar: (value) => (typeof value === 'object' ? `expected any scalar, got ${boxed(value)}` : undefined),
  anything: () => undefined,
}

const at = (path: string, mistake: string | undefined): readonly string[] =>
  mistake === undefined ? NONE : [`${path}: ${mistake}`]

/** Fields come in order of their names, as upstream's maps are walked. */
function fieldMistakes(value: JsonMap, fields: ReadonlyMap<string, Shape>, path: string): readonly string[] {
  return Object.keys(value).flatMap((name) => {
    const shape = fields.get(name)
    return shape ? mistakesIn(value[name], shape, `${path}.${name}`) : [`${path}.${name}: field not declared in schema`]
  })
}

function itemName(shape: Shape, item: Json): string | undefined {
  return shape.is === 'keyed' ? itemElement(shape, item) : valueElement(item)
}

const omits = (index: number, key: string): string =>
  `element ${index}: associative list with keys has an element that omits key field "${key}" (and doesn't have default value)`

function missingKey({ keys, defaults }: KeyedShape, item: Json): string | undefined {
  return keys.find((key) => (item as JsonMap)?.[key] === undefined && defaults[key] === undefined)
}

function listMistakes(list: readonly Json[], shape: Shape, path: string): readonly string[] {
  const seen = new Set<string>()
  return list.flatMap((item, index) => {
    const missing = shape.is === 'keyed' ? missingKey(shape, item) : undefined
    if (missing) return [`${path}: ${omits(index, missing)}`]
    const name = itemName(shape, item)!
    if (seen.has(name)) return [`${path}: duplicate entries for key ${elementText(name)}`]
    seen.add(name)
    return shape.is === 'keyed' ? mistakesIn(item, shape.item, path + elementText(name)) : NONE
  })
}

function mistakesIn(value: Json, shape: Shape, path: string): readonly string[] {
  if (value === null || value === undefined) return NONE
  if (shape.is === 'leaf') return at(path, EXPECTED[KINDS[shape.of]](value))
  const isList = shape.is === 'keyed' || shape.is === 'set'
  const wrong = EXPECTED[isList ? 'list' : 'map'](value)
  if (wrong) return at(path, wrong)
  if (isList) return listMistakes(value as readonly Json[], shape, path)
  const map = value as JsonMap
  if (shape.is === 'struct') return fieldMistakes(map, shape.fields, path)
  return Object.keys(map).flatMap((key) =>
    mistakesIn(map[key], (shape as { readonly item: Shape }).item, `${path}.${key}`),
  )
}

/** What is wrong, in one text; undefined if nothing is. */
export function typedMistake(value: Json, shape: Shape): string | undefined {
  const mistakes = mistakesIn(value, shape, '')
  if (mistakes.length === 0) return undefined
  return mistakes.length === 1 ? mistakes[0]! : ['errors:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n')
}
