/**
 * Gives objects that the cluster's own code wrote the form in which the store keeps them: fields that are always written come, as
 * empty as they are, and empty ones that never are go. Decoding does the same to what others write; here nothing has to be read, and
 * what stood in the object before is passed over at the cost of comparing pointers.
 *
 * Upstream: encoding/json/encode.go (omitempty), the json tags of staging/src/k8s.io/api
 */
import { writtenFieldsOf } from './decode.ts'
import type { FieldType, TypeName } from './schema.ts'

type Fields = Readonly<Record<string, unknown>>
type Complete = (value: unknown, before: unknown) => unknown

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

function completeList(complete: Complete): Complete {
  return (value, before) => {
    if (!Array.isArray(value)) return value
    const known: readonly unknown[] = Array.isArray(before) ? before : []
    let items: unknown[] | undefined
    for (let i = 0; i < value.length; i++) {
      const item = value[i] === known[i] ? value[i] : complete(value[i], known[i])
      if (item !== value[i]) (items ??= value.slice())[i] = item
    }
    return items ?? value
  }
}

function completeMap(complete: Complete): Complete {
  return (value, before) => {
    if (!isObject(value)) return value
    const known: Fields = isObject(before) ? before : {}
    let changed: Record<string, unknown> | undefined
    for (const name in value) {
      const item = value[name] === known[name] ? value[name] : complete(value[name], known[name])
      if (item !== value[name]) (changed ??= { ...value })[name] = item
    }
    return changed ?? value
  }
}

/** Undefined: there is nothing inside that could be incomplete. */
function completerOf(is: FieldType): Complete | undefined {
  if ('type' in is) return completeStruct(is.type)
  if ('scalar' in is) return undefined
  const inner = completerOf('list' in is ? is.list : is.map)
  if (!inner) return undefined
  return 'list' in is ? completeList(inner) : completeMap(inner)
}

interface Member {
  readonly complete: Complete | undefined
  readonly isWritten: (value: unknown) => boolean
  readonly absent: unknown
}

interface Struct {
  readonly members: ReadonlyMap<string, Member>
  readonly always: readonly (readonly [string, unknown])[]
}

const structs = new Map<TypeName, Struct>()

/** Types hold each other in circles, so their members are looked up when first met. */
function structOf(type: TypeName): Struct {
  const known = structs.get(type)
  if (known) return known
  const members = new Map<string, Member>()
  const fields = writtenFieldsOf(type)
  const always = fields.flatMap(({ name, absent }) => (absent === undefined ? [] : [[name, absent] as const]))
  const struct = { members, always }
  structs.set(type, struct)
  for (const { name, is, isWritten, absent } of fields)
    members.set(name, { complete: completerOf(is), isWritten, absent })
  return struct
}

function completeMember(member: Member, value: unknown, before: unknown): unknown {
  if (value === null || value === undefined || !member.isWritten(value)) return member.absent
  return member.complete ? member.complete(value, before) : value
}

function completeStruct(type: TypeName): Complete {
  let struct: Struct | undefined
  return (value, before) => {
    if (!isObject(value)) return value
    struct ??= structOf(type)
    const known: Fields = isObject(before) ? before : {}
    let changed: Record<string, unknown> | undefined
    for (const name in value) {
      const inner = value[name]
      const member = struct.members.get(name)
      if (!member || (inner === known[name] && inner !== undefined)) continue
      const complete = completeMember(member, inner, known[name])
      if (complete === inner) continue
      changed ??= { ...value }
      if (complete === undefined) delete changed[name]
      else changed[name] = complete
    }
    for (const [name, absent] of struct.always)
      if ((changed ?? value)[name] === undefined) (changed ??= { ...value })[name] = absent
    return changed ?? value
  }
}

const completers = new Map<TypeName, Complete>()

/** What was found complete before: thousands of Pods share the spec of their template. */
const knownSpecs = new WeakSet<object>()

const specOf = (object: object): object | undefined => (object as { readonly spec?: object }).spec

/** The object as it is stored; the very same one where it lacks nothing. `before` is complete. */
export function complete<T extends object>(object: T, before: T | undefined, type: TypeName): T {
  const completer = completers.get(type) ?? completeStruct(type)
  completers.set(type, completer)
  if (before) return completer(object, before) as T
  const spec = specOf(object)
  const completed = completer(object, spec && knownSpecs.has(spec) ? { spec } : undefined) as T
  const after = specOf(completed)
  if (after && after === spec) knownSpecs.add(after)
  return completed
}
