/**
 * An object as Go prints it after reading it into its type: fields in the order of the struct, and those that are always
 * written (`status: {}`, `resources: {}`) there even when nobody named them. The commands that change Pod templates and those
 * that create from flags show such objects.
 *
 * Upstream: the types of k8s.io/api and their json tags.
 */

import type { Field, FieldType, TypeName } from '../api/schema.ts'
import { kindOfObject, typeOf } from '../api/schema-table.ts'
import { isList, isMap, sortedKeysOf, type Tree, type TreeMap } from '../std/tree.ts'

const isEmptyValue = (value: Tree): boolean =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (isList(value) && value.length === 0) ||
  (isMap(value) && Object.keys(value).length === 0)

/** What Go writes for a field nobody set that is always written. */
function zeroOf(is: FieldType): Tree {
  if ('type' in is) return typedAs({}, is.type)
  if ('list' in is || 'map' in is) return null
  if (is.scalar === 'boolean') return false
  if (is.scalar === 'time' || is.scalar === 'microTime' || is.scalar === 'any') return null
  return is.scalar === 'int32' || is.scalar === 'int64' || is.scalar === 'double'
    ? 0
    : is.scalar === 'quantity'
      ? '0'
      : ''
}

function typedValue(value: Tree, is: FieldType): Tree {
  if ('type' in is) return isMap(value) ? typedAs(value, is.type) : value
  if ('list' in is) return isList(value) ? value.map((item) => typedValue(item, is.list)) : value
  if ('map' in is)
    return isMap(value)
      ? Object.fromEntries(sortedKeysOf(value).map((key) => [key, typedValue(value[key]!, is.map)]))
      : value
  return value
}

function fieldValue(value: Tree | undefined, field: Field): Tree | undefined {
  if (value === undefined || value === null) return field.presence === 'always' ? zeroOf(field.is) : undefined
  const typed = typedValue(value, field.is)
  return field.presence === undefined && !('type' in field.is) && isEmptyValue(typed) ? undefined : typed
}

/** Fields that Go leaves out when their struct is empty (`omitzero`): the one that people would otherwise see everywhere. */
const OMITTED_WHEN_ZERO = new Set(['creationTimestamp'])

function typedAs(value: TreeMap, type: TypeName): TreeMap {
  const result: Record<string, Tree> = {}
  for (const [name, field] of Object.entries(typeOf(type).fields)) {
    if (value[name] === undefined && OMITTED_WHEN_ZERO.has(name)) continue
    const typed = fieldValue(value[name], field)
    if (typed !== undefined) result[name] = typed
  }
  return result
}

/** The object in its type's form; an object of no built-in type as it is. */
export function typedObject(object: TreeMap): TreeMap {
  const kind = kindOfObject(String(object.apiVersion), String(object.kind))
  return kind ? typedAs(object, kind.type) : object
}

export const isBuiltIn = (object: TreeMap): boolean =>
  kindOfObject(String(object.apiVersion), String(object.kind)) !== undefined
