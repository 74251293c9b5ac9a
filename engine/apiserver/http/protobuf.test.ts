import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawing } from '../../std/draw.ts'
import { newApiServer } from '../server.ts'
import { MAGIC, readProtobuf, typeOfKind, writeProtobuf, writeWatchFrame } from './protobuf.ts'
import { writeField } from './protobuf-wire.ts'
import { serveHttp } from './serve-http.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const SAMPLES = join(process.env.RECORDINGS ?? join(ROOT, '..', 'shared', 'recordings'), 'protobuf', 'samples.jsonl')

interface Sample {
  readonly object: Record<string, unknown>
  readonly protobuf: string
}

const samples = (): readonly Sample[] =>
  readFileSync(SAMPLES, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample)

const bytesOf = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1')

/** `kubectl create configmap greeting --from-literal=hello=wörld`, as a real kubectl sends it. */
const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'greeting', namespace: 'default' },
  data: { hello: 'wörld', nothing: '' },
}

test.skipIf(!existsSync(SAMPLES))(
  'recordings of a real cluster: every object reads as its JSON, and is read again as it was written',
  () => {
    const all = samples()
    expect(all.length).toBeGreaterThan(100)
    for (const { object, protobuf } of all) {
      expect(readProtobuf(bytesOf(protobuf))).toEqual({ value: object })
      expect(readProtobuf(writeProtobuf(object)!)).toEqual({ value: object })
    }
  },
)

test('what is written is read as the same', () => {
  expect(readProtobuf(writeProtobuf(CONFIG_MAP)!)).toEqual({ value: CONFIG_MAP })
})

test('scalars that are empty and no pointers are left out, pointers are kept', () => {
  const text = (number: number, value: string) => writeField({ number, value: { bytes: value } })
  const metadata = text(1, 'a') + text(2, '') + writeField({ number: 10, value: { varint: 0n } })
  const head = text(1, text(1, 'v1') + text(2, 'ConfigMap'))
  expect(readProtobuf(MAGIC + head + text(2, text(1, metadata)))).toEqual({
    value: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', deletionGracePeriodSeconds: 0 } },
  })
})

test('garbage is refused with a reason and never throws', () => {
  const noise = fc.array(fc.nat(255), { maxLength: 200 }).map((bytes) => String.fromCharCode(...bytes))
  fc.assert(
    fc.property(noise, fc.boolean(), (bytes, hasMagic) => {
      const read = readProtobuf(hasMagic ? MAGIC + bytes : bytes)
      expect('problem' in read ? read.problem : read.value.kind).toBeTruthy()
    }),
  )
})

test('a body that is cut anywhere is refused or is another object, and never throws', () => {
  const whole = writeProtobuf(CONFIG_MAP)!
  let refused = 0
  for (let length = 0; length < whole.length; length++) if ('problem' in readProtobuf(whole.slice(0, length))) refused++
  expect(refused).toBeGreaterThan(whole.length / 2)
})

test('a server takes it, and answers in it', () => {
  const headers = {
    'content-type': 'application/vnd.kubernetes.protobuf',
    accept: 'application/vnd.kubernetes.protobuf',
  }
  const namespace = writeProtobuf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })!
  const door = { tokens: () => undefined, user: { name: 'admin', groups: ['system:masters'] } }
  const at = { now: 0, draw: drawing(1) }
  const [server, made] = serveHttp(
    newApiServer(),
    { method: 'POST', path: '/api/v1/namespaces', headers, body: namespace },
    door,
    at,
  )
  expect(made.code).toBe(201)
  expect(made.headers['Content-Type']).toBe('application/vnd.kubernetes.protobuf')
  expect(readProtobuf(made.body as string)).toMatchObject({ value: { kind: 'Namespace', metadata: { name: 'team' } } })
  const [, list] = serveHttp(server, { method: 'GET', path: '/api/v1/namespaces', headers, body: '' }, door, at)
  expect(String(list.body)).toContain('NamespaceList')
  const [, table] = serveHttp(
    server,
    {
      method: 'GET',
      path: '/api/v1/namespaces/team',
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      body: '',
    },
    door,
    at,
  )
  expect(table.body).toMatchObject({ kind: 'Table' })
})

test('a frame of a watch says how long it is', () => {
  const frame = writeWatchFrame('ADDED', CONFIG_MAP)!
  const length = [0, 1, 2, 3].reduce((sum, index) => sum * 256 + frame.charCodeAt(index), 0)
  expect(length).toBe(frame.length - 4)
  expect(frame).toContain(MAGIC)
})

test('kinds that are only sent have a type, too', () => {
  expect(typeOfKind('autoscaling/v1', 'Scale')).toBe('autoscaling.v1.Scale')
  expect(typeOfKind('v1', 'DeleteOptions')).toBe('meta.v1.DeleteOptions')
  expect(typeOfKind('acme.com/v1', 'Rocket')).toBeUndefined()
})
