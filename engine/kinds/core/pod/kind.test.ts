import { expect, test } from 'vitest'
import type { Pod, PodSpec } from '../../../api/types.generated.ts'
import { podKind } from './kind.ts'

const UNIX = Date.UTC(2026, 0, 5, 9)

const spec: PodSpec = { containers: [{ name: 'app', image: 'nginx' }] }
const pod = (name: string, more: Partial<Pod> = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec, ...more }) as Pod

test('Pods of one template share one spec, before and after the defaults', () => {
  const [one, other] = [podKind.defaults!(pod('a')), podKind.defaults!(pod('b'))]
  expect(one.spec).toBe(other.spec)
  expect(podKind.defaults!(one)).toBe(one)
})

test('a thousand Pods of a template are checked about as fast as one', () => {
  let looks = 0
  const container = new Proxy(
    { name: 'app', image: 'nginx', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' },
    {
      get(target, name) {
        if (name === 'image') looks += 1
        return Reflect.get(target, name)
      },
    },
  )
  const shared = podKind.defaults!(pod('p', { spec: { containers: [container] } as PodSpec }))
  podKind.validate!({ ...shared, metadata: { ...shared.metadata, name: 'p-first' } })
  const before = looks
  for (let i = 0; i < 1000; i += 1) podKind.validate!({ ...shared, metadata: { ...shared.metadata, name: `p-${i}` } })
  expect(looks).toBe(before)
})

test('an image without a tag is pulled every time, one with a tag when it is missing', () => {
  const policyOf = (image: string) =>
    podKind.defaults!(pod('p', { spec: { containers: [{ name: 'app', image }] } })).spec!.containers[0]!.imagePullPolicy
  expect(policyOf('nginx')).toBe('Always')
  expect(policyOf('nginx:latest')).toBe('Always')
  expect(policyOf('nginx:1.29')).toBe('IfNotPresent')
  expect(policyOf('registry:5000/nginx')).toBe('Always')
})

test('a Pod whose container waits says why, and how often it was started again', () => {
  const waiting = pod('p', {
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'app',
          image: 'nginx',
          imageID: '',
          ready: false,
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
        },
      ],
    },
  })
  expect(podKind.row!(waiting, UNIX).slice(0, 4)).toEqual(['p', '0/1', 'CrashLoopBackOff', '4'])
})

test('a Pod is found by the Node it runs on', () => {
  expect(podKind.indexes!(pod('p', { spec: { ...spec, nodeName: 'n1' } }))).toEqual({ node: ['n1'] })
})
