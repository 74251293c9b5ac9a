/**
 * Amounts of resources as whole numbers, because that is what the scheduler adds and compares: thousandths of a CPU,
 * bytes, pieces. Quantities are written by people in a dozen ways; each spelling is read once.
 *
 * Upstream: pkg/scheduler/framework/types.go (Resource), staging/src/k8s.io/apimachinery/pkg/api/resource
 */
import { milliValueOfQuantity, quantityOf, valueOfQuantity } from '../std/quantity.ts'
import type { Quantities } from './objects.ts'

export interface Amounts {
  /** Thousandths of a CPU. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** Bytes. */
  readonly ephemeralStorage: number
  /** Everything else: extended resources, huge pages. */
  readonly others: Readonly<Record<string, number>>
}

const NO_OTHERS: Readonly<Record<string, number>> = {}

export const NOTHING: Amounts = { cpu: 0, memory: 0, ephemeralStorage: 0, others: NO_OTHERS }

const MOST_SPELLINGS = 10_000

/** Remembers what each spelling means. Forgets everything when there are too many, which changes no result. */
function remembering(read: (text: string) => number): (quantity: string | number) => number {
  const known = new Map<string, number>()
  return (quantity) => {
    const text = String(quantity)
    const value = known.get(text)
    if (value !== undefined) return value
    if (known.size > MOST_SPELLINGS) known.clear()
    const fresh = read(text)
    known.set(text, fresh)
    return fresh
  }
}

export const milliUnits = remembering((text) => milliValueOfQuantity(quantityOf(text)))
export const wholeUnits = remembering((text) => valueOfQuantity(quantityOf(text)))

export const unitsOf = (resource: string, quantity: string | number): number =>
  resource === 'cpu' ? milliUnits(quantity) : wholeUnits(quantity)

const OWN_FIELD: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage', 'pods'])

export type Numbers = Readonly<Record<string, number>>

export function numbersOf(quantities: Quantities | undefined): Numbers {
  const numbers: Record<string, number> = {}
  for (const resource in quantities) numbers[resource] = unitsOf(resource, quantities[resource]!)
  return numbers
}

function othersOf(numbers: Numbers): Numbers {
  let others: Record<string, number> | undefined
  for (const resource in numbers) if (!OWN_FIELD.has(resource)) (others ??= {})[resource] = numbers[resource]!
  return others ?? NO_OTHERS
}

export const amountsOf = (numbers: Numbers): Amounts => ({
  cpu: numbers['cpu'] ?? 0,
  memory: numbers['memory'] ?? 0,
  ephemeralStorage: numbers['ephemeral-storage'] ?? 0,
  others: othersOf(numbers),
})

function addOthers(a: Numbers, b: Numbers, sign: 1 | -1): Numbers {
  if (b === NO_OTHERS) return a
  const sum: Record<string, number> = { ...a }
  for (const resource in b) sum[resource] = (sum[resource] ?? 0) + sign * b[resource]!
  return sum
}

export const addAmounts = (a: Amounts, b: Amounts, sign: 1 | -1 = 1): Amounts => ({
  cpu: a.cpu + sign * b.cpu,
  memory: a.memory + sign * b.memory,
  ephemeralStorage: a.ephemeralStorage + sign * b.ephemeralStorage,
  others: addOthers(a.others, b.others, sign),
})

/** How much there is of a resource that is named as in the API. */
export function amountOf(amounts: Amounts, resource: string): number {
  if (resource === 'cpu') return amounts.cpu
  if (resource === 'memory') return amounts.memory
  return resource === 'ephemeral-storage' ? amounts.ephemeralStorage : (amounts.others[resource] ?? 0)
}

export const isNothing = ({ cpu, memory, ephemeralStorage, others }: Amounts): boolean =>
  cpu === 0 && memory === 0 && ephemeralStorage === 0 && Object.keys(others).length === 0
