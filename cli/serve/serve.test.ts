/** The door that a real kubectl uses, spoken to as kubectl does: over TLS, with a certificate or a token. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { PROTOBUF_TYPE } from '../../engine/apiserver/http/body.ts'
import { readProtobuf, writeProtobuf } from '../../engine/apiserver/http/protobuf.ts'
import { presetWorld } from '../../engine/cluster/presets/named.ts'
import { type LiveWorld, liveWorld } from '../live-world.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { type Listener, listen } from './listener.ts'
import { readTokens } from './token-file.ts'

let certificates: Certificates
let live: LiveWorld
let listener: Listener

beforeAll(async () => {
  certificates = await makeCertificates()
  live = liveWorld(presetWorld('one-node', 1)!, 20)
  const tokens = readTokens('sesame,jane,1,"system:masters"', 'tokens.csv')
  listener = await listen({ live, tokens }, certificates, 0)
})

afterAll(async () => {
  live.stop()
  await listener.close()
})

interface Answer {
  readonly code: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly json: () => { readonly [name: string]: unknown }
}

const asAdministrator = (): RequestOptions => ({
  cert: certificates.administrator.cert,
  key: certificates.administrator.key,
})

function optionsFor(path: string, options: RequestOptions): RequestOptions {
  return { host: '127.0.0.1', port: listener.port, path, ca: certificates.authority.cert, ...options }
}

function ask(path: string, options: RequestOptions = asAdministrator(), body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(optionsFor(path, options), (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () => {
        const whole = Buffer.concat(pieces)
        const { statusCode: code = 0, headers } = response
        resolve({ code, headers, body: whole, json: () => JSON.parse(whole.toString()) })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

const post = (path: string, type: string, body: string | Buffer): Promise<Answer> =>
  ask(path, { ...asAdministrator(), method: 'POST', headers: { 'Content-Type': type } }, body)

const PODS = '/api/v1/namespaces/default/pods'

const pod = (name: string, ...command: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'busybox', command }] },
})

async function untilRunning(name: string): Promise<void> {
  await expect
    .poll(async () => ((await ask(`${PODS}/${name}`)).json().status as { phase: string }).phase, { timeout: 20_000 })
    .toBe('Running')
}

test('a certificate, a token and nobody in particular are told apart', async () => {
  expect((await ask('/api/v1/nodes')).json()).toMatchObject({ kind: 'NodeList' })
  const jane = { headers: { authorization: 'Bearer sesame' } }
  expect((await ask('/api/v1/nodes', jane)).code).toBe(200)
  expect((await ask('/api/v1/nodes', {})).json()).toMatchObject({ code: 403, reason: 'Forbidden' })
  expect((await ask('/api/v1/nodes', { headers: { authorization: 'Bearer wrong' } })).code).toBe(401)
})

test('a body in protobuf is taken, and an answer in protobuf given', async () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'greeting' }, data: { hello: 'wörld' } }
  const path = '/api/v1/namespaces/default/configmaps'
  expect((await post(path, PROTOBUF_TYPE, Buffer.from(writeProtobuf(map)!, 'latin1'))).json()).toMatchObject(map)
  const answer = await ask(`${path}/greeting`, { ...asAdministrator(), headers: { accept: PROTOBUF_TYPE } })
  expect(readProtobuf(answer.body.toString('latin1'))).toMatchObject({ value: map })
})

test('too much, and what makes no sense, is refused and the server goes on', async () => {
  const type = 'application/json'
  const big = await post(PODS, type, Buffer.alloc(50_000_000)).catch((error: Error) => error)
  if (!(big instanceof Error)) expect(big.json()).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' })
  const noise = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))
  expect((await post(PODS, type, noise)).json()).toMatchObject({ code: 400, reason: 'BadRequest' })
  expect((await post(PODS, PROTOBUF_TYPE, noise)).json()).toMatchObject({ code: 400, reason: 'BadRequest' })
  expect((await post(PODS, 'text/plain', 'hello')).code).toBe(415)
  expect((await ask('/version')).json()).toMatchObject({ gitVersion: 'v1.36.3' })
})

test('plain HTTP is told what it met', async () => {
  const body = await new Promise<string>((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port: listener.port }, (response) => {
      response.on('data', (piece: Buffer) => resolve(piece.toString()))
    })
    request.end()
  })
  expect(body).toBe('Client sent an HTTP request to an HTTPS server.\n')
})

test('a watch tells of what happens, one event a line, until its time is up', async () => {
  const watching = ask(`/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=20`)
  await post('/api/v1/namespaces/default/configmaps', 'application/json', '{"metadata":{"name":"news"}}')
  const lines = (await watching).body.toString().trim().split('\n')
  const events = lines.map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } })
  expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toContain('ADDED news')
})

test('a log is read, and followed until the container ends', async () => {
  await post(
    PODS,
    'application/json',
    JSON.stringify({
      ...pod('talker', 'sh', '-c', 'echo one; sleep 20; echo two'),
      spec: { ...pod('talker', 'sh', '-c', 'echo one; sleep 20; echo two').spec, restartPolicy: 'Never' },
    }),
  )
  await untilRunning('talker')
  expect((await ask(`${PODS}/talker/log`)).body.toString()).toBe('one\n')
  expect((await ask(`${PODS}/talker/log?follow=true`)).body.toString()).toBe('one\ntwo\n')
  expect((await ask(`${PODS}/nobody/log`)).json()).toMatchObject({ code: 404 })
})

/** What came on each channel of an exec, by number. */
function exec(name: string, command: readonly string[], stdin?: string): Promise<Readonly<Record<number, string>>> {
  const query = [
    ...command.map((word) => `command=${encodeURIComponent(word)}`),
    'stdout=1',
    'stderr=1',
    ...(stdin === undefined ? [] : ['stdin=1']),
  ]
  const socket = new WebSocket(
    `wss://127.0.0.1:${listener.port}${PODS}/${name}/exec?${query.join('&')}`,
    'v5.channel.k8s.io',
    {
      ca: certificates.authority.cert,
      ...(asAdministrator() as { cert: string; key: string }),
    },
  )
  const said: Record<number, string> = {}
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      if (stdin === undefined) return
      socket.send(Buffer.from(`\0${stdin}`))
      socket.send(Buffer.from([255, 0]))
    })
    socket.on('message', (data: Buffer) => {
      said[data[0]!] = (said[data[0]!] ?? '') + data.subarray(1).toString()
    })
    socket.on('close', () => resolve(said))
    socket.on('error', reject)
  })
}

test('a command is run in a container, is given input, and its exit code comes back', async () => {
  await post(PODS, 'application/json', JSON.stringify(pod('host', 'sleep', '100000')))
  await untilRunning('host')
  expect(await exec('host', ['echo', 'hello'])).toEqual({ 1: 'hello\n', 3: '{"metadata":{},"status":"Success"}' })
  expect(await exec('host', ['cat'], 'typed\n')).toMatchObject({ 1: 'typed\n' })
  expect(JSON.parse((await exec('host', ['sh', '-c', 'exit 3']))[3]!)).toMatchObject({
    status: 'Failure',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  })
  await expect(exec('nobody', ['true'])).rejects.toThrow('404')
})
