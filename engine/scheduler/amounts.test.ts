import { expect, test } from 'vitest'
import { milliUnits, wholeUnits } from './amounts.ts'
import type { Pod } from './objects.ts'
import { podRequests } from './pod-requests.ts'

test('quantities are read exactly and rounded up', () => {
  expect(['1', '1.1', '100m', '0.0001', '2k', 3].map(milliUnits)).toEqual([1000, 1100, 100, 1, 2_000_000, 3000])
  expect(['1Ki', '1.5Gi', '500m', '1e3', '12E6', '4Pi'].map(wholeUnits)).toEqual([
    1024,
    1.5 * 2 ** 30,
    1,
    1000,
    12_000_000,
    2 ** 52,
  ])
})

const podOf = (spec: object): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [], ...spec } }) as unknown as Pod

const container = (cpu: string, more: object = {}) => ({ name: 'c', resources: { requests: { cpu } }, ...more })

test('init containers count one at a time, sidecars beside all that follows', () => {
  const pod = podOf({
    containers: [container('1'), container('500m')],
    initContainers: [container('2'), container('300m', { restartPolicy: 'Always' }), container('1900m')],
    overhead: { cpu: '10m' },
  })
  expect(podRequests(pod).requests).toEqual({ cpu: 2210 })
})

test('a container that asks for nothing counts 100m and 200 MiB when nodes are compared', () => {
  const { requests, counted } = podRequests(podOf({ containers: [{ name: 'a' }, container('1')] }))
  expect(requests).toEqual({ cpu: 1000 })
  expect(counted).toEqual({ cpu: 1100, memory: 2 * 200 * 1024 * 1024 })
})
