/**
 * `kubectl exec` within the world: a request opens a process in a container, later ones type into it and bring back what it has printed
 * since. Which process, and how much of its output was told, is in the name of the stream.
 */
import type { KubeletQuestion } from '../apiserver/doors/kubelet.ts'
import type { MachineFact } from '../machine/fact.ts'
import { closeSession, openSession, sessionState, typeIntoSession } from '../machine/session.ts'
import { onMachineFact } from './components.ts'
import { uidOf } from './kubelet-answers.ts'
import { machineOf, type World } from './world.ts'

/** What kubectl understands: what was printed, how it ended, and how to go on. */
export interface Streamed {
  readonly stdout?: string
  readonly stderr?: string
  readonly code?: number
  readonly stream?: string
}

interface Stream {
  readonly session: string
  readonly stdout: number
  readonly stderr: number
}

const streamOf = (text: string): Stream => {
  const [session = '', stdout = '0', stderr = '0'] = text.split(' ')
  return { session, stdout: Number(stdout), stderr: Number(stderr) }
}

interface Asked {
  readonly stdin?: string
  readonly stream?: string
}

/** The world after the request, and the answer to it. */
export function execIn(world: World, question: KubeletQuestion, asked: Asked): readonly [World, Streamed] {
  const { node, container, parameters } = question
  const pod = uidOf(world, question)
  const stream =
    asked.stream === undefined ? { session: `exec-${world.happened}`, stdout: 0, stderr: 0 } : streamOf(asked.stream)
  const happen = (state: World, fact: MachineFact) => onMachineFact(state, node, fact)
  const argv = String(parameters.command ?? '').split('\0')
  const opened = asked.stream === undefined ? happen(world, openSession(pod, container, stream.session, argv)) : world
  const typed = asked.stdin ? happen(opened, typeIntoSession(pod, stream.session, asked.stdin)) : opened
  const state = sessionState(machineOf(typed, node), pod, stream.session)
  const said = { stdout: state.stdout.slice(stream.stdout), stderr: state.stderr.slice(stream.stderr) }
  if (state.code !== undefined) return [happen(typed, closeSession(pod, stream.session)), { ...said, code: state.code }]
  return [typed, { ...said, stream: `${stream.session} ${state.stdout.length} ${state.stderr.length}` }]
}
