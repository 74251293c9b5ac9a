import { expect, test } from 'vitest'
import { templateHash } from './hash.ts'

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'c',
        image,
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  },
})

test('a template hashes to what a real cluster names its ReplicaSet', () => {
  expect(templateHash(template('app:1'), undefined)).toBe('68b4fdb489')
  expect(templateHash(template('app:2'), undefined)).toBe('7b9f957f94')
})

test('a collision count gives another hash, the one of a real cluster', () => {
  expect(templateHash(template('app:1'), 1)).toBe('7c74d5bb4')
})

test('quantities, ports by name, pointers and letters beyond ASCII hash as Go prints them', () => {
  const resources = { limits: { cpu: '1500m', memory: '8Gi' }, requests: { cpu: '2' } }
  const readinessProbe = { httpGet: { port: 'http' } }
  const rich = {
    metadata: { labels: { app: 'wéb', b: '2' }, annotations: { z: '1', a: '日本' } },
    spec: {
      volumes: [{ name: 'v', emptyDir: { sizeLimit: '64Mi' } }],
      containers: [{ name: 'c', image: 'app:1', resources, readinessProbe }],
    },
  }
  expect(templateHash(rich, undefined)).toBe('b478bcf65')
})
