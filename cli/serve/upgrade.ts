/**
 * Streams into a container by WebSocket: `exec` and `attach`. The first byte of each message says which stream it belongs to; the last message tells
 * how the command ended.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/remotecommand, staging/src/k8s.io/apiserver/pkg/util/wsstream
 * Left out: `port-forward`, which is SPDY within WebSocket; SPDY, which clients before 1.31 speak; sub-protocols before v4.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Status } from '../../engine/api/status.ts'
import type { KubeletQuestion } from '../../engine/apiserver/doors/kubelet.ts'
import type { HttpResponse } from '../../engine/apiserver/http/serve-http.ts'
import { badRequest } from '../../engine/apiserver/refusals.ts'
import { runAttach } from './attach.ts'
import { runExec } from './exec.ts'
import { ask, broke, type Gate, reportBug, userOf } from './gate.ts'
import { httpRequestFrom, statusResponse } from './wire.ts'

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
})

/** An answer on a socket that HTTP has let go of. */
function writeResponse(socket: Socket, { code, body }: HttpResponse): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
  socket.end(
    `HTTP/1.1 ${code} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}

const offersKnown = ({ headers }: IncomingMessage): boolean =>
  String(headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .some((offered) => PROTOCOLS.includes(offered.trim()))

const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'

const notModelled = (what: string): Status => badRequest(`${what} is not modelled by kubefold`)

/** Why the stream is not opened. */
function refusal(incoming: IncomingMessage, question: KubeletQuestion): Status | undefined {
  if (question.door === 'portforward') return notModelled('forwarding a port')
  if (!isWebSocket(incoming)) return notModelled('SPDY, which kubectl before 1.31 speaks,')
  if (!offersKnown(incoming)) return badRequest(`a sub-protocol must be one of ${PROTOCOLS.join(', ')}`)
  const { command, stdin } = question.parameters
  if (question.door === 'attach')
    return stdin === 'true' ? notModelled('typing at the first process of a container') : undefined
  if (!Array.isArray(command) || command.length === 0)
    return badRequest('you must specify at least 1 command for the container')
  return undefined
}

const RUNS: Readonly<Record<string, typeof runExec>> = { exec: runExec, attach: runAttach }

function upgrade(gate: Gate, incoming: IncomingMessage, socket: Socket, head: Buffer): void {
  const { response, question } = ask(gate, httpRequestFrom(incoming, Buffer.alloc(0)), userOf(incoming, gate.tokens))
  if (response.code !== 200 || !question) return writeResponse(socket, response)
  const refused = refusal(incoming, question)
  if (refused) return writeResponse(socket, statusResponse(refused))
  sockets.handleUpgrade(incoming, socket, head, (connection) => RUNS[question.door]!(connection, question, gate.live))
}

export function handleUpgrade(gate: Gate, incoming: IncomingMessage, socket: Socket, head: Buffer): void {
  socket.on('error', () => {})
  try {
    upgrade(gate, incoming, socket, head)
  } catch (problem) {
    reportBug(incoming, problem)
    writeResponse(socket, statusResponse(broke(problem)))
  }
}
