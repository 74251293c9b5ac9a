import { expect, test } from 'vitest'
import type { KubeObject } from '../api/object.ts'
import { drawing } from '../std/draw.ts'
import { handle } from './handle.ts'
import type { ObjectList, Request, Response } from './request.ts'
import { type ApiServer, newApiServer } from './server.ts'
import { nextEvents } from './watch.ts'

const ADMIN = { name: 'admin', groups: ['system:masters'] }

interface Client {
  readonly ask: (request: Partial<Request> & Pick<Request, 'verb'>) => Response
  readonly server: () => ApiServer
}

/** A client that speaks of ConfigMaps in one namespace unless it says otherwise. */
function client(): Client {
  let server = newApiServer()
  let now = 0
  const ask: Client['ask'] = (request) => {
    const whole = { resource: 'configmaps', namespace: 'ns', user: ADMIN, userAgent: 'test/1', ...request } as Request
    const [next, response] = handle(server, whole, { now: (now += 10), draw: drawing(1) })
    server = next
    return response
  }
  ask({ verb: 'create', resource: 'namespaces', body: { metadata: { name: 'ns' } } })
  return { ask, server: () => server }
}

const configMap = (name: string, more: object = {}) => ({ metadata: { name, ...more } })

const objectOf = (response: Response): KubeObject => response.body as KubeObject

test('who writes on an old version is refused and nothing is lost', () => {
  const { ask } = client()
  const first = objectOf(ask({ verb: 'create', body: configMap('a') }))
  expect(ask({ verb: 'update', name: 'a', body: { ...first, data: { by: 'one' } } as never }).code).toBe(200)
  const second = ask({ verb: 'update', name: 'a', body: { ...first, data: { by: 'two' } } as never })
  expect(second.code).toBe(409)
  expect(objectOf(ask({ verb: 'get', name: 'a' }))).toMatchObject({ data: { by: 'one' } })
})

test('a write that changes nothing leaves the version as it was', () => {
  const { ask } = client()
  const created = objectOf(ask({ verb: 'create', body: configMap('a') }))
  const patched = objectOf(ask({ verb: 'patch', name: 'a', patchType: 'merge', body: { data: null } }))
  expect(patched).toBe(created)
})

test('a finalizer holds what is deleted, and the last one to go lets it go', () => {
  const { ask } = client()
  ask({ verb: 'create', body: configMap('a', { finalizers: ['example.com/hold'] }) })
  expect(objectOf(ask({ verb: 'delete', name: 'a' })).metadata.deletionTimestamp).toBeDefined()
  expect(ask({ verb: 'get', name: 'a' }).code).toBe(200)
  ask({ verb: 'patch', name: 'a', patchType: 'merge', body: { metadata: { finalizers: null } } })
  expect(ask({ verb: 'get', name: 'a' }).code).toBe(404)
})

test('a dry run answers as if and writes nothing', () => {
  const { ask, server } = client()
  const before = server().store
  expect(ask({ verb: 'create', body: configMap('a'), options: { dryRun: true } }).code).toBe(201)
  expect(server().store).toBe(before)
})

test('the pages of a list are those of the moment at which it began', () => {
  const { ask } = client()
  for (const name of ['a', 'b', 'c']) ask({ verb: 'create', body: configMap(name) })
  const first = ask({ verb: 'list', options: { limit: 2 } }).body as ObjectList
  ask({ verb: 'delete', name: 'c' })
  const rest = ask({ verb: 'list', options: { continue: first.metadata.continue! } }).body as ObjectList
  expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['c'])
})

test('an object that ceases to match is deleted for that watch', () => {
  const { ask, server } = client()
  const { watch } = ask({ verb: 'watch', options: { labelSelector: 'show=yes' } })
  ask({ verb: 'create', body: configMap('a', { labels: { show: 'yes' } }) })
  ask({ verb: 'patch', name: 'a', patchType: 'merge', body: { metadata: { labels: { show: 'no' } } } })
  const [begun, existing] = nextEvents(watch!, server().store, 0)
  expect(existing.map(({ type }) => type)).toEqual([])
  expect(begun.seen).toBe(server().store.revision)
  const again = nextEvents({ ...watch!, tellsExisting: false }, server().store, 0)[1]
  expect(again.map(({ type }) => type)).toEqual(['ADDED', 'DELETED'])
})

test('appliers share an object, and disagree by name', () => {
  const { ask } = client()
  const apply = (manager: string, data: object, force = false) =>
    ask({
      verb: 'patch',
      patchType: 'apply',
      name: 'a',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data } as never,
      options: { fieldManager: manager, ...(force && { force }) },
    })
  apply('one', { x: '1' })
  expect(objectOf(apply('two', { y: '2' }))).toMatchObject({ data: { x: '1', y: '2' } })
  expect(apply('two', { x: '9', y: '2' }).body).toMatchObject({
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
  })
  expect(objectOf(apply('two', { x: '9', y: '2' }, true))).toMatchObject({ data: { x: '9', y: '2' } })
  expect(objectOf(apply('two', {}))).not.toHaveProperty('data')
})

test('nothing new begins in a namespace that is ending', () => {
  const { ask } = client()
  ask({ verb: 'delete', resource: 'namespaces', name: 'ns' })
  expect(ask({ verb: 'create', body: configMap('late') }).code).toBe(403)
})

test('a server with everything in it is plain data', () => {
  const { ask, server } = client()
  ask({ verb: 'create', body: configMap('a') })
  expect(JSON.parse(JSON.stringify(server()))).toEqual(server())
})
