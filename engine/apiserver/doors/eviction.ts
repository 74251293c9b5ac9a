/**
 * Eviction is a delete that asks first whether the Pod can be spared: a disruption budget that has nothing left says no, for now.
 *
 * Upstream: pkg/registry/core/pod/storage/eviction.go
 */
import type { KubeObject } from '../../api/object.ts'
import { type LabelSelector, matchesSelector } from '../../api/selector.ts'
import { failure, isStatus, type Status } from '../../api/status.ts'
import type { Pod } from '../../api/types.generated.ts'
import { listObjects, put } from '../../etcd/store.ts'
import { timestamp } from '../../std/time.ts'
import { type Exchange, isDryRun, type Stage } from '../exchange.ts'
import { indexRules } from '../indexes.ts'
import { badRequest } from '../refusals.ts'
import type { Options } from '../request.ts'
import type { ApiServer, AtServer } from '../server.ts'
import { admit } from '../stages/admit.ts'
import { authorize } from '../stages/authorize.ts'
import { checkPreconditions, remove } from '../stages/delete.ts'
import { find } from '../stages/find.ts'
import { understand } from '../stages/understand.ts'
import type { Door } from './door.ts'
import { bodyOf, expecting, readAs } from './read-body.ts'

const BUDGETS = 'poddisruptionbudgets.policy'

interface Budget extends KubeObject {
  readonly spec: { readonly selector?: LabelSelector; readonly unhealthyPodEvictionPolicy?: string }
  readonly status?: {
    readonly disruptionsAllowed?: number
    readonly currentHealthy?: number
    readonly desiredHealthy?: number
    readonly observedGeneration?: number
    readonly disruptedPods?: Readonly<Record<string, string>>
  }
}

interface Eviction {
  readonly metadata?: { readonly name?: string }
  readonly deleteOptions?: Options
}

const ENDED = ['Succeeded', 'Failed']

/** Who does not run, or is not ready, disrupts nobody. */
const isIdle = ({ metadata, status }: Pod): boolean =>
  ENDED.includes(status?.phase ?? '') || status?.phase === 'Pending' || metadata.deletionTimestamp !== undefined

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false

const budgetsFor = ({ store, request }: Exchange, pod: Pod): readonly Budget[] =>
  (listObjects(store, BUDGETS, request.namespace) as readonly Budget[]).filter(({ spec }) =>
    matchesSelector(spec.selector, pod.metadata.labels),
  )

const tooMany = (cause: string): Status =>
  failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message: cause }],
  })

const needs = ({ metadata, status }: Budget): string =>
  `The disruption budget ${metadata.name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`

const notYet = ({ metadata }: Budget): Status =>
  failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${metadata.name} is still being processed by the server.`,
      },
    ],
    retryAfterSeconds: 10,
  })

function refusalBy(budget: Budget, pod: Pod): Status | undefined {
  const { status, spec, metadata } = budget
  if (!isReady(pod) && spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return undefined
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return notYet(budget)
  if (
    !isReady(pod) &&
    (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) &&
    (status?.desiredHealthy ?? 0) > 0
  )
    return undefined
  return (status?.disruptionsAllowed ?? 0) > 0 ? undefined : tooMany(needs(budget))
}

/** The budget remembers whom it let go, until it is counted anew. */
function spent(budget: Budget, pod: Pod, now: string): Budget {
  const { status } = budget
  const disruptedPods = { ...status?.disruptedPods, [pod.metadata.name]: now }
  return { ...budget, status: { ...status, disruptionsAllowed: (status?.disruptionsAllowed ?? 0) - 1, disruptedPods } }
}

const counts = (budget: Budget, pod: Pod): boolean =>
  isReady(pod) || budget.spec.unhealthyPodEvictionPolicy !== 'AlwaysAllow'

function charged(exchange: Exchange, budget: Budget, pod: Pod, now: string): Exchange {
  if (isDryRun(exchange) || !counts(budget, pod)) return exchange
  const key = `${budget.metadata.namespace}/${budget.metadata.name}`
  const [store] = put(exchange.store, indexRules, BUDGETS, key, spent(budget, pod, now))
  return { ...exchange, store }
}

const checkBudgets: Stage = (exchange, _server, at) => {
  const pod = exchange.old as Pod
  if (isIdle(pod)) return exchange
  const budgets = budgetsFor(exchange, pod)
  if (budgets.length > 1) return severalBudgets()
  const [budget] = budgets
  if (!budget) return exchange
  return refusalBy(budget, pod) ?? charged(exchange, budget, pod, timestamp(at.now))
}

const severalBudgets = (): Status =>
  failure(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')

const checkName: Stage = (exchange) => {
  const asked = exchange.request.name ?? ''
  const name = bodyOf<Eviction>(exchange).metadata?.name || asked
  return name === asked ? exchange : badRequest('name in URL does not match name in Eviction object')
}

const DONE: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

function evict(exchange: Exchange, server: ApiServer, at: AtServer): Exchange | Status {
  const { deleteOptions } = bodyOf<Eviction>(exchange)
  const request = { ...exchange.request, options: { ...exchange.request.options, ...deleteOptions } }
  const checked = checkPreconditions({ ...exchange, request }, server, at)
  if (isStatus(checked)) return checked
  const removed = remove(checked, server, at)
  return isStatus(removed) ? removed : { ...removed, response: { code: 201, body: DONE } }
}

export const eviction: Door = {
  resources: ['pods'],
  subresource: 'eviction',
  plans: {
    create: [
      authorize,
      understand,
      readAs(expecting('policy', 'v1', 'Eviction')),
      checkName,
      admit,
      find,
      checkBudgets,
      evict,
    ],
  },
}
