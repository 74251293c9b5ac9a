/**
 * Questions that the API server passes on to a kubelet: they are answered by the machine of the same world, and errors read as they do
 * when a real kubelet cannot be reached.
 *
 * Left out: `kubectl logs` of a container's output that the kubelet has rotated away.
 */

import { failure, type Status } from '../api/status.ts'
import type { KubeletQuestion } from '../apiserver/doors/kubelet.ts'
import { badRequest } from '../apiserver/refusals.ts'
import { getObject } from '../etcd/store.ts'
import { type LogOptions, readContainerLog } from '../machine/log.ts'
import { getSorted, hasSorted } from '../std/sorted.ts'
import { instantOf } from '../std/time.ts'
import type { World } from './world.ts'

const KUBELET_PORT = 10250

/** The kubelet's own names for what is asked of it. */
const PATHS: Readonly<Record<string, string>> = {
  log: 'containerLogs',
  exec: 'exec',
  attach: 'attach',
  portforward: 'portForward',
}

/** Why nobody answers at that node; undefined when somebody does. */
export function unreachable(
  world: World,
  { door, node, namespace, pod, container }: KubeletQuestion,
): Status | undefined {
  const machine = getSorted(world.machines, node)
  if (machine && machine.kubelet.running && !hasSorted(world.faults.down, node)) return undefined
  const address = `${machine?.identity.address ?? node}:${KUBELET_PORT}`
  const path = `${PATHS[door] ?? door}/${namespace}/${pod}/${container}`
  const why =
    machine && !hasSorted(world.faults.down, node) ? 'connect: connection refused' : 'connect: no route to host'
  return failure(500, 'InternalError', `Get "https://${address}/${path}": dial tcp ${address}: ${why}`)
}

export const uidOf = (world: World, { namespace, pod }: KubeletQuestion): string =>
  getObject(world.server.store, 'pods', `${namespace}/${pod}`)?.metadata.uid ?? ''

const numberIn = (parameters: KubeletQuestion['parameters'], name: string): number | undefined => {
  const text = parameters[name]
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : undefined
}

const isOn = (value: unknown): boolean => value !== undefined && value !== 'false' && value !== '0'

export const follows = ({ parameters }: KubeletQuestion): boolean => isOn(parameters.follow)

export function logOptions({ parameters }: KubeletQuestion, world: World): LogOptions {
  const [tailLines, limitBytes] = [numberIn(parameters, 'tailLines'), numberIn(parameters, 'limitBytes')]
  const sinceSeconds = numberIn(parameters, 'sinceSeconds')
  const sinceTime =
    sinceSeconds === undefined ? instantOf(String(parameters.sinceTime ?? '')) : world.now - sinceSeconds * 1000
  return {
    previous: isOn(parameters.previous),
    timestamps: isOn(parameters.timestamps),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceTime !== undefined && { sinceTime }),
  }
}

/** The text of a log, or why there is none. */
export function logText(world: World, question: KubeletQuestion, options: LogOptions): string | Status {
  const silent = unreachable(world, question)
  if (silent) return silent
  const machine = getSorted(world.machines, question.node)!
  const answer = readContainerLog(machine, uidOf(world, question), question.container, options)
  return 'problem' in answer ? badRequest(answer.problem) : answer.text
}
