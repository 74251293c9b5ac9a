/**
 * What a container has printed, as `kubectl logs` asks for it: of the container that runs or ran last, or of the one before.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go (validateContainerLogStatus), pkg/kubelet/kuberuntime/logs
 * Left out: reading logs over the wire in pieces as they grow; whoever follows looks again.
 */
import type { ContainerStatus } from '../api/types.generated.ts'
import { getSorted } from '../std/sorted.ts'
import { type Millis, microTimestamp } from '../std/time.ts'
import type { PodRecord } from './kubelet/pod-record.ts'
import type { Output } from './runtime/process.ts'
import { containerById } from './runtime/runtime.ts'
import type { Machine } from './slice.ts'

export interface LogOptions {
  readonly previous?: boolean
  readonly tailLines?: number
  readonly sinceTime?: Millis
  readonly timestamps?: boolean
  readonly limitBytes?: number
}

export type LogAnswer = { readonly text: string } | { readonly problem: string }

const bad = (problem: string): LogAnswer => ({ problem })

/** The container whose log is meant, by id, or why there is none. */
function logContainer(
  status: ContainerStatus,
  pod: string,
  previous: boolean,
): { readonly id: string } | { readonly problem: string } {
  const { name, state, lastState } = status
  const ended = lastState?.terminated?.containerID
  if (previous)
    return ended ? { id: ended } : { problem: `previous terminated container "${name}" in pod "${pod}" not found` }
  if (state?.running) return { id: status.containerID ?? '' }
  if (state?.terminated) return { id: state.terminated.containerID ?? '' }
  if (ended) return { id: ended }
  const reason = state?.waiting?.reason
  const why = reason === 'ErrImagePull' || reason === 'ImagePullBackOff' ? waitingFor(reason) : reason
  return { problem: `container "${name}" in pod "${pod}" is waiting to start: ${why}` }
}

const waitingFor = (reason: string): string =>
  reason === 'ErrImagePull' ? "image can't be pulled" : 'trying and failing to pull image'

interface Line {
  readonly at: Millis
  readonly text: string
}

function linesOf({ pieces }: Output): Line[] {
  const lines: Line[] = []
  for (const { at, text } of pieces)
    for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) lines.push({ at, text: line })
  return lines
}

function written(output: Output, options: LogOptions): string {
  let lines = linesOf(output)
  if (options.sinceTime !== undefined) lines = lines.filter(({ at }) => at >= options.sinceTime!)
  if (options.tailLines !== undefined) lines = options.tailLines === 0 ? [] : lines.slice(-options.tailLines)
  const text = lines.map(({ at, text: line }) => (options.timestamps ? `${nanoTimestamp(at)} ${line}` : line)).join('')
  return options.limitBytes === undefined ? text : text.slice(0, options.limitBytes)
}

/** RFC 3339 with nine digits, as the runtime writes it. */
const nanoTimestamp = (at: Millis): string => `${microTimestamp(at).slice(0, -1)}000Z`

export function readLog(record: PodRecord, container: string, options: LogOptions = {}): LogAnswer {
  const { name } = record.pod.metadata
  const statuses = [...(record.status.initContainerStatuses ?? []), ...(record.status.containerStatuses ?? [])]
  const status = statuses.find((candidate) => candidate.name === container)
  if (!status) return bad(`container "${container}" in pod "${name}" is not available`)
  const found = logContainer(status, name, options.previous ?? false)
  if ('problem' in found) return found
  const id = found.id.slice('containerd://'.length)
  const output = record.processes[id]?.output
  if (!output && containerById(record.runtime, id)) return { text: '' }
  return output ? { text: written(output, options) } : { text: `unable to retrieve container logs for ${found.id}` }
}

export function readContainerLog(
  machine: Machine,
  pod: string,
  container: string,
  options: LogOptions = {},
): LogAnswer {
  const record = getSorted(machine.pods, pod)
  return record ? readLog(record, container, options) : bad(`pod "${pod}" not found`)
}
