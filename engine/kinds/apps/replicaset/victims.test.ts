import { expect, test } from 'vitest'
import { drawing } from '../../../std/draw.ts'
import { seconds, timestamp } from '../../../std/time.ts'
import type { Pod } from '../../core/pod/pod-state.ts'
import { chooseVictims } from './victims.ts'

interface Traits {
  readonly node?: string
  readonly ready?: number
  readonly cost?: string
  readonly created?: number
  readonly restarts?: number
}

const pod = (name: string, { node = 'node-1', ready, cost, created = 0, restarts = 0 }: Traits): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: timestamp(seconds(created)),
    ...(cost !== undefined && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
  },
  spec: { ...(node && { nodeName: node }), containers: [{ name: 'c' }] },
  status: {
    phase: node ? 'Running' : 'Pending',
    conditions: [
      ready === undefined
        ? { type: 'Ready', status: 'False' }
        : { type: 'Ready', status: 'True', lastTransitionTime: timestamp(seconds(ready)) },
    ],
    containerStatuses: [{ name: 'c', restartCount: restarts }],
  },
})

const NOW = seconds(10_000)

const first = (pods: readonly Pod[], related: readonly Pod[] = []): string | undefined =>
  chooseVictims(pods, related, 1, NOW, drawing(1))[0]?.metadata.name

test('a Pod without a node goes before one that is not ready, and that before one that is', () => {
  const pods = [pod('ready', { ready: 1 }), pod('unready', {}), pod('unassigned', { node: '' })]
  expect(first(pods)).toBe('unassigned')
  expect(first(pods.slice(0, 2))).toBe('unready')
})

test('the cheaper goes first, but readiness counts for more than cost', () => {
  expect(first([pod('dear', { ready: 1, cost: '5' }), pod('cheap', { ready: 1, cost: '-5' })])).toBe('cheap')
  expect(first([pod('ready', { ready: 1, cost: '-100' }), pod('unready', { cost: '100' })])).toBe('unready')
})

test('under a Deployment, Pods that share a node with more of their kind go first', () => {
  const pods = [pod('alone', { node: 'node-2', ready: 9000 }), pod('crowded', { node: 'node-1', ready: 1 })]
  const related = [...pods, pod('neighbour', { node: 'node-1', ready: 1 })]
  expect(first(pods, related)).toBe('crowded')
  expect(first(pods)).toBe('alone')
})

test('ages differ only when they differ by a power of two', () => {
  expect(first([pod('a-old', { ready: 1 }), pod('b-young', { ready: 9_990 })])).toBe('b-young')
  expect(first([pod('b', { ready: 2 }), pod('a', { ready: 1 })])).toBe('a')
})

test('of equals in age the one with more restarts goes first', () => {
  expect(first([pod('steady', { ready: 1 }), pod('flapping', { ready: 1, restarts: 3 })])).toBe('flapping')
})
