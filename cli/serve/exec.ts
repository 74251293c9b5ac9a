/**
 * A command in a container, by WebSocket: a session of the machine, whose output is sent as it grows and whose input is typed as it comes.
 *
 * Upstream: staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand
 * Left out: the size of the terminal.
 */
import type { WebSocket } from 'ws'
import type { KubeletQuestion } from '../../engine/apiserver/doors/kubelet.ts'
import { uidOf } from '../../engine/cluster/kubelet-answers.ts'
import { act } from '../../engine/cluster/run.ts'
import { machineOf } from '../../engine/cluster/world.ts'
import type { MachineFact } from '../../engine/machine/fact.ts'
import { closeSession, openSession, sessionState, typeIntoSession } from '../../engine/machine/session.ts'
import type { LiveWorld } from '../live-world.ts'
import { CHANNEL, endStream, sendOn } from './channels.ts'
import { newTerminalLine } from './terminal-line.ts'

/** The server met something that it did not expect. */
const BROKE = 1011

const END_OF_INPUT = '\u0004'

let opened = 0

export function runExec(connection: WebSocket, question: KubeletQuestion, live: LiveWorld): void {
  const { node: machine, container, parameters } = question
  const [pod, session] = [uidOf(live.now(), question), `http-${++opened}`]
  const isTerminal = parameters.tty === 'true'
  function happen(fact: MachineFact): void {
    try {
      live.change((world) => [act(world, { ...fact, machine }), undefined])
    } catch (problem) {
      connection.close(BROKE, String(problem).slice(0, 100))
    }
  }
  const send = (channel: number, text: string) => sendOn(connection, channel, text)
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
    endStream(connection, state.code)
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
