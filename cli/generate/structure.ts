/** The schema, put together from all sources, before it is written down. */
import type { Field, FieldType, ObjectType, Scalar, Schema, ServedKind } from '../../engine/api/schema.ts'
import { type ClientField, clientFields } from './client-models.ts'
import type { GoField } from './go-facts.ts'
import type { Merge, MergeMetadata } from './merge-metadata.ts'
import { type ModelDirectories, modelType } from './models.ts'
import { partsOf } from './names.ts'

export interface Sources {
  readonly client: string
  readonly models: ModelDirectories
  readonly merge: MergeMetadata
  readonly go: ReadonlyMap<string, readonly GoField[]>
  readonly kinds: readonly ServedKind[]
}

/** Go's word for each scalar when the field's type has no name of its own. */
const SCALAR_OF_KIND: Readonly<Record<string, Scalar>> = {
  string: 'string',
  bool: 'boolean',
  int32: 'int32',
  int64: 'int64',
  float64: 'double',
  uint8: 'bytes',
}

const SCALAR_OF_STRUCT: Readonly<Record<string, Scalar>> = {
  'v1.Time': 'time',
  'v1.MicroTime': 'microTime',
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'intOrString',
}

const PLAIN_GO: Readonly<Record<Scalar, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  intOrString: 'intstr.IntOrString',
  any: 'interface {}',
}

/** Collections whose Go type has a name, and what they are. */
const NAMED_COLLECTIONS: Readonly<Record<string, string>> = {
  'v1.ResourceList': 'map[string]resource.Quantity',
  'v1.ExtraValue': '[]string',
  'v1.JSONSchemaDependencies': 'map[string]v1.JSONSchemaPropsOrStringArray',
  'v1.JSONSchemaDefinitions': 'map[string]v1.JSONSchemaProps',
  'v1.ValidationRules': '[]v1.ValidationRule',
}

const labelled = <T extends FieldType>(is: T, go: string, plain: string): T => (go === plain ? is : { ...is, go })

function leafType(go: string, { kind, struct }: GoField, values: readonly string[]): FieldType {
  if (kind !== 'struct') {
    const scalar = SCALAR_OF_KIND[kind]!
    return labelled({ scalar, ...(values.length > 0 && { enum: values }) }, go, PLAIN_GO[scalar])
  }
  const short = struct!.split('.').slice(-2).join('.')
  const scalar = SCALAR_OF_STRUCT[short]
  if (scalar) return { scalar }
  return /\.(RawExtension|FieldsV1|JSON|JSONSchemaPropsOr\w+)$/.test(struct!)
    ? { scalar: 'any', go }
    : { type: struct! }
}

function fieldType(go: string, field: GoField, values: readonly string[]): FieldType {
  const shape = NAMED_COLLECTIONS[go] ?? go
  if (shape === '[]uint8') return { scalar: 'bytes' }
  if (shape.startsWith('[]')) return labelled({ list: fieldType(shape.slice(2), field, values) }, go, shape)
  const map = /^map\[(.*?)\](.*)$/.exec(shape)
  if (!map) return leafType(shape, field, values)
  return labelled({ map: fieldType(map[2]!, field, values) }, go, `map[string]${map[2]}`)
}

/** Server-side apply sees what merges by key as a map by that key, unless it is said to be atomic, which we leave out. */
function listShape({ listType, listKeys, patch, patchKey }: Merge): Pick<Field, 'listType' | 'listKeys'> {
  if (listKeys) return { listType: 'map', listKeys }
  if (listType) return listType === 'atomic' ? {} : { listType }
  if (!patch?.includes('merge')) return {}
  return patchKey ? { listType: 'map', listKeys: [patchKey] } : { listType: 'set' }
}

function presenceOf({ kind, go, pointer, omitEmpty, omitZero }: GoField): Field['presence'] {
  const isStruct = kind === 'struct' && !go.startsWith('[]') && !go.startsWith('map') && !NAMED_COLLECTIONS[go]
  if (!omitEmpty && pointer) return 'null'
  if (!omitEmpty || (isStruct && !pointer && !omitZero)) return 'always'
  return pointer && !isStruct ? 'pointer' : undefined
}

function fieldOf(field: GoField, merge: Merge, required: boolean, values: readonly string[]): Field {
  const is = fieldType(field.go, field, values)
  const presence = presenceOf(field)
  const patch = field.patch as Field['patch']
  return {
    is,
    ...(required && { required }),
    ...(presence && { presence }),
    number: field.number,
    ...(field.embedded && { embedded: field.embedded }),
    ...('list' in is &&
      listShape({ ...merge, ...(patch && { patch }), ...(field.patchKey && { patchKey: field.patchKey }) })),
    ...(merge.atomic && { atomic: true }),
    ...(patch && { patch }),
    ...(field.patchKey && { patchKey: field.patchKey }),
    ...(merge.default && { default: merge.default }),
  }
}

/** Both sources must know the same fields: a difference means that they are of different versions. */
function compareFields(type: string, go: readonly GoField[], client: ReadonlyMap<string, ClientField>): void {
  const names = new Set(go.map(({ name }) => name))
  const differing = [...names, ...client.keys()].filter((name) => !(names.has(name) && client.has(name)))
  if (differing.length > 0) throw new Error(`${type}: the sources disagree about ${differing.join(', ')}`)
}

function objectType(type: string, facts: readonly GoField[], { client, models, merge }: Sources): ObjectType {
  const fields = clientFields(client, type)
  const model = modelType(models, type)
  if (fields) compareFields(type, facts, fields)
  return {
    goName: partsOf(type).name,
    ...(merge.isAtomic(type) && { atomic: true as const }),
    fields: Object.fromEntries(
      facts.map((fact) => [
        fact.name,
        fieldOf(
          fact,
          merge.field(type, fact.name),
          fields?.get(fact.name)?.required ?? false,
          model?.fields.get(fact.name)?.values ?? [],
        ),
      ]),
    ),
  }
}

export const structure = (sources: Sources): Schema => ({
  types: Object.fromEntries([...sources.go].map(([type, facts]) => [type, objectType(type, facts, sources)])),
  kinds: sources.kinds,
})
