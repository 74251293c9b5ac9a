/**
 * What can be wrong before a container is made: references of its environment that lead nowhere, and a user it must not run as.
 *
 * Upstream: pkg/kubelet/kuberuntime/{kuberuntime_container,security_context}.go
 */
import type { Container } from '../../api/types.generated.ts'
import type { ImageOnDisk } from '../runtime/image-store.ts'
import { readySandbox } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { containerEnvironment, hasReferences, isMissing } from './environment.ts'
import { contextFor } from './mount-volumes.ts'
import type { Failure, PodRecord } from './pod-record.ts'

const configError = (message: string): Failure => ({ reason: 'CreateContainerConfigError', message })

export function configurationProblem(
  turn: Turn,
  record: PodRecord,
  container: Container,
  image: ImageOnDisk,
): Failure | undefined {
  if (hasReferences(container)) {
    const context = contextFor(turn, record.pod, readySandbox(record.runtime)?.ip ?? '')
    const environment = containerEnvironment(turn, container, context)
    if (isMissing(environment)) return configError(environment.problem)
  }
  const problem = userProblem(record, container, image)
  return problem === undefined ? undefined : configError(problem)
}

const DIGITS = /^\d+$/

function userProblem(record: PodRecord, container: Container, image: ImageOnDisk): string | undefined {
  const { metadata, spec } = record.pod
  const mustNotBeRoot = container.securityContext?.runAsNonRoot ?? spec.securityContext?.runAsNonRoot
  if (!mustNotBeRoot) return undefined
  const whose = `(pod: "${metadata.name}_${metadata.namespace}(${metadata.uid})", container: ${container.name})`
  const asked = container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser
  if (asked !== undefined) return asked === 0 ? `container's runAsUser breaks non-root policy ${whose}` : undefined
  const user = (image.content.user ?? '').split(':', 1)[0]!
  if (user === '' || user === '0') return `container has runAsNonRoot and image will run as root ${whose}`
  if (DIGITS.test(user)) return undefined
  return `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${whose}`
}
