/**
 * Hooks: a command, a request or a pause right after a container has started, and before it is asked to go.
 *
 * Upstream: pkg/kubelet/lifecycle/handlers.go
 * Left out: headers of HTTP hooks beyond those the spec names.
 */
import type { LifecycleHandler } from '../../api/types.generated.ts'
import { seconds } from '../../std/time.ts'
import type { HookName } from '../fact.ts'
import { isFetchFailure } from '../images/program.ts'
import { type ContainerRecord, readySandbox } from '../runtime/runtime.ts'
import { after, type Turn } from '../turn.ts'
import { containerNamed } from './container-kind.ts'
import { execute } from './container-process.ts'
import { askPod } from './local-request.ts'
import { type PodRecord, withEntry } from './pod-record.ts'
import { portNumber } from './port-number.ts'
import { onPostStartFinished, postStartFailed } from './start-containers.ts'
import { hookFailed, onPreStopFinished } from './stop-container.ts'

const hookProcess = (container: ContainerRecord, hook: HookName): string => `${container.id} ${hook}`

type Finish = (delay: number, problem?: string) => void

const finishing =
  (turn: Turn, record: PodRecord, container: ContainerRecord, hook: HookName): Finish =>
  (delay, problem) =>
    after(turn, delay, {
      type: 'hook/finished',
      pod: record.pod.metadata.uid,
      container: container.id,
      hook,
      ...(problem !== undefined && { problem }),
    })

export function runHook(
  turn: Turn,
  record: PodRecord,
  container: ContainerRecord,
  hook: HookName,
  handler: LifecycleHandler,
): PodRecord {
  const finish = finishing(turn, record, container, hook)
  if (handler.exec) return runCommand(turn, record, container, hook, handler.exec.command ?? [], finish)
  if (handler.httpGet) return runRequest(turn, record, container, handler.httpGet, finish)
  finish(seconds(Number(handler.sleep?.seconds ?? 0)))
  return record
}

function runCommand(
  turn: Turn,
  record: PodRecord,
  container: ContainerRecord,
  hook: HookName,
  command: readonly string[],
  finish: Finish,
): PodRecord {
  const begun = execute(turn, record, container, hookProcess(container, hook), { is: 'hook', hook }, command)
  if (!('problem' in begun)) return begun
  finish(50, begun.problem)
  return record
}

type HttpGet = NonNullable<LifecycleHandler['httpGet']>

function runRequest(
  turn: Turn,
  record: PodRecord,
  container: ContainerRecord,
  { host, port, path, scheme, httpHeaders }: HttpGet,
  finish: Finish,
): PodRecord {
  const spec = containerNamed(record.pod, container.name)
  const number = (spec && portNumber(spec, port)) ?? 0
  const ip = readySandbox(record.runtime)?.ip || turn.machine.identity.address
  const headers = (httpHeaders ?? []).map(({ name, value }) => [name, value] as const)
  const request = {
    method: 'GET',
    path: path ?? '/',
    headers,
    body: '',
    remote: `${turn.machine.identity.address}:40000`,
    local: `${ip}:${number}`,
  }
  const { record: asked, answer } = askPod(turn, record, number, request)
  const url = `${(scheme ?? 'HTTP').toLowerCase()}://${host || ip}:${number}${path ?? '/'}`
  if (isFetchFailure(answer)) finish(5, `Get "${url}": dial tcp ${ip}:${number}: connect: connection refused`)
  else finish(answer.after ?? 5)
  return asked
}

/** The hook is not waited for any longer; its command goes. */
export const abandonHook = (record: PodRecord, container: ContainerRecord): PodRecord => ({
  ...record,
  processes: withEntry(record.processes, hookProcess(container, 'preStop'), undefined),
})

export function onHookFinished(
  turn: Turn,
  record: PodRecord,
  container: ContainerRecord,
  hook: HookName,
  problem: string | undefined,
): PodRecord {
  if (hook === 'preStop') {
    if (problem !== undefined && record.stopping[container.id]?.stage === 'hook') hookFailed(turn, record, container)
    return onPreStopFinished(turn, record, container)
  }
  if (problem !== undefined) return postStartFailed(turn, record, container, problem)
  return onPostStartFinished(turn, record)
}
