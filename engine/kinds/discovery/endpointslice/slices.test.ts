import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Endpoint, EndpointSlice, Service } from './endpointslice.ts'
import { type Drafted, divide, endpointId, MOST_ENDPOINTS, type PortGroup, portsId, reuse } from './slices.ts'

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'demo', uid: 'service', resourceVersion: '1', creationTimestamp: '' },
  spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }] },
} as Service

const PORTS = [{ name: '', protocol: 'TCP', port: 80 }]

const endpoint = (number: number): Endpoint => ({
  addresses: [`10.0.${number >> 8}.${number & 255}`],
  conditions: { ready: true },
  targetRef: { kind: 'Pod', namespace: 'demo', name: `pod-${number}`, uid: `pod-${number}` },
})

const groupsOf = (numbers: readonly number[]): ReadonlyMap<string, PortGroup> =>
  numbers.length === 0
    ? new Map()
    : new Map([
        [
          portsId(PORTS),
          { ports: PORTS, endpoints: new Map(numbers.map(endpoint).map((one) => [endpointId(one), one])) },
        ],
      ])

const asTheyAre = (endpoints: Map<string, Endpoint>): Map<string, Endpoint> => endpoints

/** The slices after a division was carried out. */
function carriedOut(
  slices: readonly EndpointSlice[],
  numbers: readonly number[],
  round: number,
): readonly EndpointSlice[] {
  const { create, update, remove, unchanged } = reuse(
    divide(service, 'IPv4', slices, groupsOf(numbers), asTheyAre),
    service,
  )
  const named = (slice: Drafted, i: number) =>
    ({ ...slice, metadata: { name: `slice-${round}-${i}`, ...slice.metadata } }) as EndpointSlice
  const gone = new Set([...remove, ...update].map(({ metadata }) => metadata.name))
  expect(unchanged.every((slice) => !gone.has(slice.metadata.name))).toBe(true)
  return [...unchanged, ...[...update, ...create].map(named)]
}

const numbersIn = (slices: readonly EndpointSlice[]): readonly number[] =>
  slices.flatMap(({ endpoints }) => endpoints ?? []).map(({ targetRef }) => Number(targetRef!.name.slice(4)))

const sorted = (numbers: readonly number[]): readonly number[] => [...numbers].sort((a, b) => a - b)

test('whatever comes and goes, each endpoint is in one slice, and no slice holds too many', () => {
  const sets = fc.array(fc.uniqueArray(fc.nat(400), { maxLength: 350 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(sets, (rounds) => {
      let slices: readonly EndpointSlice[] = []
      rounds.forEach((numbers, round) => {
        slices = carriedOut(slices, numbers, round)
        expect(sorted(numbersIn(slices))).toEqual(sorted(numbers))
        expect(slices.every(({ endpoints }) => (endpoints?.length ?? 0) <= MOST_ENDPOINTS)).toBe(true)
        expect(slices.length).toBeGreaterThan(0)
      })
    }),
    { numRuns: 50 },
  )
})

test('a second look changes nothing', () => {
  const slices = carriedOut([], [1, 2, 3], 0)
  const again = divide(service, 'IPv4', slices, groupsOf([1, 2, 3]), asTheyAre)
  expect(again).toMatchObject({ create: [], update: [], remove: [] })
})

test('one more endpoint goes into a slice with room, not into a new one', () => {
  const slices = carriedOut([], [1, 2, 3], 0)
  const { create, update } = divide(service, 'IPv4', slices, groupsOf([1, 2, 3, 4]), asTheyAre)
  expect(create).toEqual([])
  expect(update[0]!.endpoints).toHaveLength(4)
})
