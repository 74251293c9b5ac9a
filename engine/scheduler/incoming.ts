/**
 * The Pod that a node is looked for, with what is known of it beyond its fields.
 */
import { type Key, keyOf } from '../api/object.ts'
import type { Amounts } from './amounts.ts'
import { type Demand, demandOf, type Load } from './load.ts'
import type { Pod } from './objects.ts'

export interface Incoming {
  readonly pod: Pod
  readonly key: Key
  readonly priority: number
  readonly load: Load
  /** What it counts for while nodes are compared. */
  readonly scored: Amounts
  /**
   * Everything that a decision about a node and the Pods on it may depend on, as text: Pods with the same signature are
   * welcome and unwelcome on the same nodes. What depends on the Pod's labels or on other nodes is not in it.
   */
  readonly signature: string
}

export const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0

const text = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value))

function signatureOf({ spec }: Pod, { load: { requests, ports }, scored }: Demand): string {
  const { cpu, memory, ephemeralStorage, others } = requests
  const wishes = `${text(spec.nodeSelector)};${text(spec.affinity?.nodeAffinity)};${text(spec.tolerations)}`
  const amounts = `${cpu};${memory};${ephemeralStorage};${text(others)};${scored.cpu};${scored.memory}`
  const programs = [...(spec.initContainers ?? []), ...spec.containers].map(programOf).join()
  return `${wishes};${amounts};${ports.length > 0 ? text(ports) : ''};${spec.nodeName ?? ''};${programs};${claimsOf(spec)}`
}

const programOf = ({ image, restartPolicyRules }: Pod['spec']['containers'][number]): string =>
  `${image}${text(restartPolicyRules)}`

const claimsOf = ({ resourceClaims }: Pod['spec']): number => resourceClaims?.length ?? 0

export function incomingOf(pod: Pod): Incoming {
  const demand = demandOf(pod)
  return { pod, key: keyOf(pod), priority: priorityOf(pod), ...demand, signature: signatureOf(pod, demand) }
}
