/**
 * Which number of a message is which field of a type, read off the table of types. What is one object in JSON may be a message in a
 * message here: a Go struct that is embedded in another keeps a number of its own.
 */
import type { Field, ObjectType, TypeName } from '../../api/schema.ts'
import { typeOf } from '../../api/schema-table.ts'

export type MessagePart =
  | { readonly number: number; readonly name: string; readonly field: Field }
  | { readonly number: number; readonly embedded: MessagePlan }

/** The parts of a message, least number first. */
export type MessagePlan = readonly MessagePart[]

/** The number of an embedded struct in the struct that holds it. */
const EMBEDDED_NUMBERS: Readonly<Record<string, number>> = {
  LocalObjectReference: 1,
  EphemeralContainerCommon: 1,
  ProbeHandler: 1,
  PersistentVolumeSource: 2,
  VolumeSource: 2,
  IngressRuleValue: 2,
  Rule: 2,
  RuleWithOperations: 2,
  'DeviceClassConfiguration DeviceConfiguration': 1,
  'DeviceClaimConfiguration DeviceConfiguration': 2,
  'DeviceAllocationConfiguration DeviceConfiguration': 3,
}

function embeddedNumber(owner: string, name: string): number {
  const number = EMBEDDED_NUMBERS[`${owner} ${name}`] ?? EMBEDDED_NUMBERS[name]
  if (number === undefined) throw new Error(`${owner} embeds ${name} under a number that is not known`)
  return number
}

/** The fields of a struct in pieces: those of its own, and those of each struct that is embedded in it. */
function planOf(
  owner: string,
  fields: readonly (readonly [path: readonly string[], name: string, field: Field])[],
): MessagePlan {
  const parts: MessagePart[] = []
  const inner = new Map<string, (readonly [readonly string[], string, Field])[]>()
  for (const [[first, ...rest], name, field] of fields) {
    if (first === undefined) parts.push({ number: field.number, name, field })
    else inner.set(first, [...(inner.get(first) ?? []), [rest, name, field]])
  }
  for (const [name, own] of inner) parts.push({ number: embeddedNumber(owner, name), embedded: planOf(name, own) })
  return parts.sort((one, other) => one.number - other.number)
}

const HEAD = ['apiVersion', 'kind']

/** Kind and version of an object stand in the envelope, not in the message, whose numbers begin anew after them. */
const isHeaded = (fields: ObjectType['fields']): boolean =>
  Object.entries(fields).some(([name, { number }]) => number === fields.kind?.number && !HEAD.includes(name))

function fieldsInMessage({ fields }: ObjectType): readonly (readonly [name: string, field: Field])[] {
  const isHead = isHeaded(fields) ? (name: string) => HEAD.includes(name) : () => false
  return Object.entries(fields).filter(([name, { number }]) => number > 0 && !isHead(name))
}

const known = new Map<TypeName, MessagePlan>()

export function messagePlan(name: TypeName): MessagePlan {
  const found = known.get(name)
  if (found) return found
  const type = typeOf(name)
  const fields = fieldsInMessage(type).map(([field, rest]) => [rest.embedded?.split('.') ?? [], field, rest] as const)
  const plan = planOf(type.goName, fields)
  known.set(name, plan)
  return plan
}
