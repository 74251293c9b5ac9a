/**
 * The containers of a pod and how they are restarted: init containers run one after another to their end, those with
 * `restartPolicy: Always` (sidecars) stay, and the regular ones run together. A container may overrule its pod's restart
 * policy, also by exit code.
 *
 * Upstream: pkg/apis/core/v1/helper, pkg/kubelet/container/helpers.go
 * Left out: ephemeral containers; the action RestartAllContainers, which is taken for a plain restart.
 */
import type { Container, Pod } from '../../api/types.generated.ts'
import type { ContainerRecord, PodRuntime } from '../runtime/runtime.ts'
import { latestContainer } from '../runtime/runtime.ts'

const NO_CONTAINERS: readonly Container[] = []

export const initContainersOf = (pod: Pod): readonly Container[] => pod.spec?.initContainers ?? NO_CONTAINERS

export const containersOf = (pod: Pod): readonly Container[] => pod.spec?.containers ?? NO_CONTAINERS

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

export const isInit = (pod: Pod, name: string): boolean =>
  initContainersOf(pod).some((container) => container.name === name)

export const containerNamed = (pod: Pod, name: string): Container | undefined =>
  containersOf(pod).find((container) => container.name === name) ??
  initContainersOf(pod).find((container) => container.name === name)

/** Where an Event about a container points. */
export const fieldPathOf = (pod: Pod, name: string): string =>
  isInit(pod, name) ? `spec.initContainers{${name}}` : `spec.containers{${name}}`

interface RestartRule {
  readonly action?: string
  readonly exitCodes?: { readonly operator?: string; readonly values?: readonly number[] }
}

const ruleMatches = ({ exitCodes }: RestartRule, code: number): boolean => {
  const listed = exitCodes?.values?.includes(code) ?? false
  return exitCodes?.operator === 'NotIn' ? !listed : listed
}

/** Whether a container that ended with this code is to be started again, whatever becomes of its pod. */
export function restartsAfter(pod: Pod, container: Container, code: number): boolean {
  const rules = (container.restartPolicyRules ?? []) as readonly RestartRule[]
  if (rules.some((rule) => ruleMatches(rule, code))) return true
  const policy = container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0)
}

/** Whether the next synchronisation should start this container. */
export function shouldRestart(pod: Pod, container: Container, runtime: PodRuntime): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  const latest = latestContainer(runtime, container.name)
  if (!latest || latest.state === 'created') return true
  return latest.state === 'exited' && restartsAfter(pod, container, latest.exitCode)
}

export const succeeded = (container: ContainerRecord | undefined): boolean =>
  container?.state === 'exited' && container.exitCode === 0
