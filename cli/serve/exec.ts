/**
 * A command in a container, by WebSocket: a session of the machine, whose output is sent as it grows and whose input is typed as it comes.
 *
 * Upstream: staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand
 * Left out: the size of the terminal.
 */
import type { WebSocket } from 'ws'
import type { KubeletQuestion } from '../../engine/apiserver/doors/kubelet.ts'
import { act } from '../../engine/cluster/run.ts'
import { machineOf } from '../../engine/cluster/world.ts'
import type { MachineFact } from '../../engine/machine/fact.ts'
import { closeSession, openSession, sessionState, typeIntoSession } from '../../engine/machine/session.ts'
import type { LiveWorld } from '../live-world.ts'
import { uidOf } from './kubelet.ts'
import { newTerminalLine } from './terminal-line.ts'

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** How a command ended, as the last message of its stream tells it. */
function endStatus(code: number) {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command, exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

const END_OF_INPUT = '\u0004'

let opened = 0

export function runExec(connection: WebSocket, question: KubeletQuestion, live: LiveWorld): void {
  const { node: machine, container, parameters } = question
  const [pod, session] = [uidOf(live.now(), question), `http-${++opened}`]
  const isTerminal = parameters.tty === 'true'
  const happen = (fact: MachineFact) => live.change((world) => [act(world, { ...fact, machine }), undefined])
  const send = (channel: number, text: string) => {
    if (text) connection.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]))
  }
  const told = { stdout: 0, stderr: 0 }
  const asShown = (text: string): string => (isTerminal ? text.replaceAll('\n', '\r\n') : text)

  function tell(): void {
    const state = sessionState(machineOf(live.now(), machine), pod, session)
    send(CHANNEL.stdout, asShown(state.stdout.slice(told.stdout)))
    send(isTerminal ? CHANNEL.stdout : CHANNEL.stderr, asShown(state.stderr.slice(told.stderr)))
    told.stdout = Math.max(told.stdout, state.stdout.length)
    told.stderr = Math.max(told.stderr, state.stderr.length)
    if (state.code === undefined) return
    leave()
    send(CHANNEL.error, JSON.stringify(endStatus(state.code)))
    connection.close(1000)
  }

  const type = (text: string) => happen(typeIntoSession(pod, session, text))
  const line = newTerminalLine({ type, echo: (text) => send(CHANNEL.stdout, text) })
  connection.on('message', (data: Buffer) => {
    const [channel, rest] = [data[0], data.subarray(1)]
    if (channel === CHANNEL.stdin) isTerminal ? line(rest.toString()) : type(rest.toString())
    if (channel === CHANNEL.close && rest[0] === CHANNEL.stdin) type(END_OF_INPUT)
  })
  connection.on('error', () => {})
  connection.on('close', () => {
    leave()
    happen(closeSession(pod, session))
  })
  const leave = live.listen(tell)
  happen(openSession(pod, container, session, parameters.command as readonly string[]))
  tell()
}
