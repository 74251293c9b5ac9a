/**
 * The last words of a container: what it wrote to its termination log, or the end of its output if it failed in silence
 * and its policy says so.
 *
 * Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (getTerminationMessage)
 */
import { isProblem } from '../runtime/file-tree.ts'
import { textOf } from '../runtime/process.ts'
import type { ContainerRecord } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { containerNamed } from './container-kind.ts'
import type { PodRecord } from './pod-record.ts'
import { contextOf } from './process-context.ts'

const LONGEST = 4096
const LONGEST_LOG = 2048
const MOST_LINES = 80

function lastLines(text: string): string {
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n')
  const tail = `${lines.slice(-MOST_LINES).join('\n')}${text.endsWith('\n') ? '\n' : ''}`
  return tail.slice(-LONGEST_LOG)
}

export function terminationMessage(turn: Turn, record: PodRecord, ended: ContainerRecord, exitCode: number): string {
  const container = containerNamed(record.pod, ended.name)
  const instance = record.processes[ended.id]
  if (!container || !instance) return ''
  const path = container.terminationMessagePath ?? '/dev/termination-log'
  const wrote = record.layers[ended.id] !== undefined || container.volumeMounts !== undefined
  const text = wrote ? contextOf(turn, record, container, ended).tree.read(path) : ''
  if (!isProblem(text) && text !== '') return text.slice(0, LONGEST)
  const fallsBack = container.terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0
  return fallsBack ? lastLines(textOf(instance.output)) : ''
}
