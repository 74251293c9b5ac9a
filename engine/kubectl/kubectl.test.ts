import { expect, test } from 'vitest'
import type { Client, HttpRequest, HttpResponse } from './client.ts'
import { kubectl, kubectlFollow } from './kubectl.ts'

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7', labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'nginx' }] },
  status: { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }] },
}

const DISCOVERY = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: { name: '' },
      versions: [
        {
          version: 'v1',
          resources: [
            {
              resource: 'pods',
              singularResource: 'pod',
              responseKind: { kind: 'Pod' },
              scope: 'Namespaced',
              shortNames: ['po'],
              verbs: ['get', 'list', 'watch', 'delete'],
            },
          ],
        },
      ],
    },
  ],
}

type Answer = (request: HttpRequest) => unknown

function clientWith(answer: Answer, now = 0): { readonly client: Client; readonly sent: string[] } {
  const files = new Map<string, string>()
  const sent: string[] = []
  const send = (request: HttpRequest): HttpResponse => {
    sent.push(`${request.method} ${request.path}`)
    if (request.path === '/api') return { code: 200, body: DISCOVERY }
    if (request.path === '/apis') return { code: 200, body: { kind: 'APIGroupDiscoveryList', items: [] } }
    const body = answer(request)
    return body === undefined ? { code: 404, body: notFound } : { code: 200, body }
  }
  const client: Client = {
    now,
    nowUnix: 1_767_603_600_000 + now,
    send,
    env: { HOME: '/home' },
    workingDirectory: '/home',
    files: {
      read: (path) => files.get(path),
      write: (path, content) => void files.set(path, content),
      list: () => undefined,
      remove: (path) => void files.delete(path),
    },
  }
  return { client, sent }
}

const notFound = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  reason: 'NotFound',
  message: 'pods "web" not found',
  code: 404,
}

const nothing: Answer = () => undefined

test('an unknown command is refused with those that are near', () => {
  const { err, code } = kubectl(['gett', 'pods'], clientWith(nothing).client)
  expect(err).toBe('error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\n')
  expect(code).toBe(1)
})

test('an unknown flag is refused with the way to help', () => {
  const { err } = kubectl(['get', '--frob'], clientWith(nothing).client)
  expect(err).toBe("error: unknown flag: --frob\nSee 'kubectl get --help' for usage.\n")
})

test('a generator prints without asking any server', () => {
  const { client, sent } = clientWith(nothing)
  const { out } = kubectl(['create', 'configmap', 'c', '--from-literal=a=1', '--dry-run=client', '-o', 'yaml'], client)
  expect(out).toBe('apiVersion: v1\ndata:\n  a: "1"\nkind: ConfigMap\nmetadata:\n  name: c\n')
  expect(sent).toEqual([])
})

test('what the server refuses is said in its words', () => {
  const { err, code } = kubectl(['get', 'pod', 'web'], clientWith(nothing).client)
  expect(err).toBe('Error from server (NotFound): pods "web" not found\n')
  expect(code).toBe(1)
})

test('a short name and a jsonpath find a field', () => {
  const { out } = kubectl(['get', 'po', 'web', '-o', 'jsonpath={.metadata.labels.app}'], clientWith(() => POD).client)
  expect(out).toBe('web')
})

test('waiting goes on from plain data until the condition holds', () => {
  const ready = { ...POD, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
  const watch =
    (type: string, object: unknown): Answer =>
    (request) =>
      request.query?.watch ? { events: [{ type, object }] } : POD
  const argv = ['wait', '--for=condition=Ready', 'pod/web', '--timeout=10s']
  const first = kubectl(argv, clientWith(watch('ADDED', POD)).client)
  expect(first.code).toBeUndefined()
  const kept = JSON.parse(JSON.stringify(first.running)) as NonNullable<typeof first.running>
  const last = kubectlFollow(kept, clientWith(watch('MODIFIED', ready), 1000).client)
  expect(last).toMatchObject({ out: 'pod/web condition met\n', code: 0 })
})

test('waiting ends when its time is over', () => {
  const quiet: Answer = (request) => (request.query?.watch ? { events: [{ type: 'ADDED', object: POD }] } : POD)
  const argv = ['wait', '--for=condition=Ready', 'pod/web', '--timeout=10s']
  const first = kubectl(argv, clientWith(quiet).client)
  const last = kubectlFollow(first.running!, clientWith(quiet, 10_000).client)
  expect(last).toMatchObject({ err: 'error: timed out waiting for the condition on pods/web\n', code: 1 })
})
