/**
 * One request after another from the network to the world's API server and back. Whatever comes in, the world goes on: what cannot be
 * understood is refused with a Status, and a client that goes away takes nothing with it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { failure, isStatus, type Status } from '../../engine/api/status.ts'
import type { KubeletQuestion } from '../../engine/apiserver/doors/kubelet.ts'
import type { HttpRequest, HttpResponse } from '../../engine/apiserver/http/serve-http.ts'
import type { User } from '../../engine/apiserver/request.ts'
import { answerHttp, type HttpFact } from '../../engine/cluster/front-door.ts'
import { logOptions, logText, unreachable } from '../../engine/cluster/kubelet-answers.ts'
import type { World } from '../../engine/cluster/world.ts'
import type { LiveWorld } from '../live-world.ts'
import { userOfCertificate } from './certificates.ts'
import { sendLog } from './logs.ts'
import { streamWatch } from './watching.ts'
import { httpRequestFrom, readBytes, sendResponse, statusResponse, tooLarge } from './wire.ts'

export interface Gate {
  readonly live: LiveWorld
  readonly tokens: ReadonlyMap<string, User>
}

/** Whom the connection identifies, by its certificate or by a token of the file; the cluster knows the tokens it gave out. */
export function userOf({ socket, headers }: IncomingMessage, tokens: Gate['tokens']): User | undefined {
  const tls = socket as TLSSocket
  const certified = tls.authorized ? userOfCertificate(tls.getPeerCertificate()) : undefined
  const token = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return certified ?? (token === undefined ? undefined : tokens.get(token))
}

/** What the server answered, and what it would have asked a kubelet. */
export interface Answered {
  readonly response: HttpResponse
  readonly question?: KubeletQuestion
  /** The text of a log, where that was asked for. */
  readonly log?: string
}

/** The kubelet's part of the answer: a log's text, or whether a stream may be opened. */
function kubeletAnswer(world: World, question: KubeletQuestion): string | Status {
  if (question.door === 'log') return logText(world, question, logOptions(question, world))
  return unreachable(world, question) ?? ''
}

export function ask({ live }: Gate, request: HttpRequest, user: User | undefined): Answered {
  const fact: HttpFact = { type: 'http/arrived', request, ...(user && { user }) }
  return live.change((world) => {
    let asked: { question: KubeletQuestion; log: string } | undefined
    const call = (_service: string, question: unknown): unknown => {
      const answer = kubeletAnswer(world, question as KubeletQuestion)
      if (isStatus(answer)) return answer
      asked = { question: question as KubeletQuestion, log: answer }
      return {}
    }
    const [after, response] = answerHttp(world, fact, call)
    return [after, { response, ...asked }]
  })
}

export const broke = (problem: unknown): Status =>
  failure(
    500,
    'InternalError',
    `Internal error occurred: ${problem instanceof Error ? problem.message : String(problem)}`,
  )

function respond(gate: Gate, incoming: IncomingMessage, outgoing: ServerResponse, answered: Answered): void {
  const { response, question, log } = answered
  if (response.watch) streamWatch(outgoing, response, gate.live)
  else if (response.code === 200 && question?.door === 'log') sendLog(outgoing, question, log ?? '', gate.live)
  else if (response.code === 200 && question) sendResponse(incoming, outgoing, statusResponse(notUpgraded()))
  else sendResponse(incoming, outgoing, response)
}

const notUpgraded = (): Status => failure(400, 'BadRequest', 'Upgrade request required')

/** The rest of a body that is too long is not waited for. */
function refuseRest(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.shouldKeepAlive = false
  outgoing.on('finish', () => incoming.destroy())
  sendResponse(incoming, outgoing, statusResponse(tooLarge()))
}

export async function handleRequest(gate: Gate, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.on('error', () => {})
  try {
    const body = await readBytes(incoming)
    if (!body) return refuseRest(incoming, outgoing)
    const user = userOf(incoming, gate.tokens)
    respond(gate, incoming, outgoing, ask(gate, httpRequestFrom(incoming, body), user))
  } catch (problem) {
    if (outgoing.destroyed || outgoing.headersSent) return void outgoing.destroy()
    reportBug(incoming, problem)
    sendResponse(incoming, outgoing, statusResponse(broke(problem)))
  }
}

export const reportBug = ({ method, url }: IncomingMessage, problem: unknown): void =>
  void process.stderr.write(`kubefold serve: a bug: ${method} ${url}: ${(problem as Error).stack ?? String(problem)}\n`)
