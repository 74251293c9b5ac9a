/**
 * Names of priority classes become numbers, which is what the scheduler compares. At most one class is the default, and the two
 * of the system stay.
 *
 * Upstream: plugin/pkg/admission/priority, pkg/registry/scheduling/priorityclass
 */
import type { KubeObject } from '../../api/object.ts'
import type { Pod } from '../../api/types.generated.ts'
import { getObject, listObjects, type Store } from '../../etcd/store.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { forbidden } from '../refusals.ts'
import type { Admission } from './admission.ts'

const CLASSES = 'priorityclasses.scheduling.k8s.io'

interface PriorityClass extends KubeObject {
  readonly value: number
  readonly globalDefault?: boolean
  readonly preemptionPolicy?: string
}

interface Priority {
  readonly name: string
  readonly value: number
  readonly policy: string
}

const PREEMPTS = 'PreemptLowerPriority'

const priorityOf = ({ metadata, value, preemptionPolicy = PREEMPTS }: PriorityClass): Priority => ({
  name: metadata.name,
  value,
  policy: preemptionPolicy,
})

/** Among several defaults the least counts; there should be one. */
function byDefault(store: Store): Priority {
  const defaults = (listObjects(store, CLASSES) as readonly PriorityClass[]).filter(
    ({ globalDefault }) => globalDefault,
  )
  const least = defaults.sort((a, b) => a.value - b.value)[0]
  return least ? priorityOf(least) : { name: '', value: 0, policy: PREEMPTS }
}

function classOf(store: Store, name: string | undefined): Priority | undefined {
  if (!name) return byDefault(store)
  const found = getObject(store, CLASSES, name) as PriorityClass | undefined
  return found && priorityOf(found)
}

const COMPUTED = 'priority admission controller computed'
const FROM_NAME = 'from the given PriorityClass name'

/** What the author may not say, because it follows from the class. */
function contradiction({ spec }: Pod, { value, policy }: Priority): string | undefined {
  if (spec?.priority !== undefined && spec.priority !== value)
    return `the integer value of priority (${spec.priority}) must not be provided in pod spec; ${COMPUTED} ${value} ${FROM_NAME}`
  if (spec?.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    return `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; ${COMPUTED} ${policy} ${FROM_NAME}`
  return undefined
}

const prioritize: Stage = (exchange) => {
  const pod = exchange.object as Pod
  const asked = pod.spec?.priorityClassName
  const refuse = (why: string) => forbidden(exchange.resource, pod.metadata.name ?? '', why)
  const priority = classOf(exchange.store, asked)
  if (!priority) return refuse(`no PriorityClass with name ${asked} was found`)
  const wrong = contradiction(pod, priority)
  if (wrong) return refuse(wrong)
  const { name, value, policy } = priority
  const spec = { ...pod.spec!, ...(name && { priorityClassName: name }), priority: value, preemptionPolicy: policy }
  return { ...exchange, object: { ...pod, spec } as KubeObject }
}

/** Unassigned Pods that are updated keep the number that they were given. */
const keep: Stage = (exchange) => {
  const pod = exchange.object as Pod
  const before = (exchange.old as Pod).spec
  const { priority, preemptionPolicy } = pod.spec ?? {}
  if (!before || (priority !== undefined && preemptionPolicy !== undefined)) return exchange
  const spec = {
    ...pod.spec!,
    ...(priority === undefined && before.priority !== undefined && { priority: before.priority }),
    ...(preemptionPolicy === undefined &&
      before.preemptionPolicy !== undefined && { preemptionPolicy: before.preemptionPolicy }),
  }
  return { ...exchange, object: { ...pod, spec } as KubeObject }
}

function otherDefault({ store, object }: Exchange): PriorityClass | undefined {
  const classes = listObjects(store, CLASSES) as readonly PriorityClass[]
  return classes.find(({ globalDefault, metadata }) => globalDefault && metadata.name !== object!.metadata.name)
}

const oneDefault: Stage = (exchange) => {
  if (!(exchange.object as PriorityClass).globalDefault) return exchange
  const other = otherDefault(exchange)
  if (!other) return exchange
  const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
  return forbidden(exchange.resource, exchange.object!.metadata.name, why)
}

const SYSTEM = ['system-node-critical', 'system-cluster-critical']

const guardSystem: Stage = (exchange) =>
  SYSTEM.includes(exchange.old?.metadata.name ?? '')
    ? forbidden(exchange.resource, exchange.old!.metadata.name, 'this is a system priority class and cannot be deleted')
    : exchange

export const podPriority: Admission = {
  name: 'Priority',
  operations: ['create'],
  resources: ['pods'],
  mutate: prioritize,
}

export const keptPriority: Admission = { name: 'Priority', operations: ['update'], resources: ['pods'], mutate: keep }

export const defaultPriorityClass: Admission = {
  name: 'Priority',
  operations: ['create', 'update'],
  resources: [CLASSES],
  validate: oneDefault,
}

export const systemPriorityClass: Admission = {
  name: 'Priority',
  operations: ['delete'],
  resources: [CLASSES],
  mutate: guardSystem,
}
