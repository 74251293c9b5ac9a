/**
 * The value that a type has before anyone has said anything: what Go writes for it. The first version of every object is compared with
 * it to see which fields its creator set.
 */
import type { Field, FieldType, TypeName } from '../api/schema.ts'
import { typeOf } from '../api/schema-table.ts'

const EMPTY_SCALARS: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  intOrString: 0,
  quantity: '0',
}

function emptyOf(is: FieldType): unknown {
  if ('scalar' in is) return EMPTY_SCALARS[is.scalar] ?? null
  return 'type' in is ? emptyValueOf(is.type) : null
}

type Value = Readonly<Record<string, unknown>>

const known = new Map<TypeName, Value>()

const isWritten = ([, field]: readonly [string, Field]): boolean => field.presence === 'always'

/** Only the fields that are always written. Always the same pointer for a type. */
export function emptyValueOf(name: TypeName): Value {
  let value = known.get(name)
  if (!value) {
    const written = Object.entries(typeOf(name).fields).filter(isWritten)
    known.set(name, (value = Object.fromEntries(written.map(([field, { is }]) => [field, emptyOf(is)]))))
  }
  return value
}
