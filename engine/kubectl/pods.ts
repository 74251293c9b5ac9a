/**
 * From `deploy/web` to a Pod and its container: what `logs`, `exec`, `attach`, `port-forward` and `cp` begin with.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/polymorphichelpers, pkg/cmd/util/podcmd
 */
import { selectorOf, selectorOfLabels, selectorText } from '../api/selector.ts'
import { isList, isMap, type TreeMap, treeAt } from '../std/tree.ts'
import { goTypeOf } from './go-types.ts'
import { isRefusal, type Refusal, refuse } from './refusal.ts'
import { ACCEPT_TYPED, ask, complain, type Session } from './session.ts'

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container'

const namesIn = (pod: TreeMap, list: string): readonly string[] => {
  const containers = treeAt(pod, 'spec', list)
  return (isList(containers) ? containers : []).map((container) => String(treeAt(container, 'name')))
}

export const containerNames = (pod: TreeMap): readonly string[] => namesIn(pod, 'containers')
export const initContainerNames = (pod: TreeMap): readonly string[] => namesIn(pod, 'initContainers')
export const ephemeralContainerNames = (pod: TreeMap): readonly string[] => namesIn(pod, 'ephemeralContainers')

/** `main, side, prepare (init)` */
export const allContainersText = (pod: TreeMap): string =>
  [
    ...containerNames(pod),
    ...ephemeralContainerNames(pod).map((name) => `${name} (ephem)`),
    ...initContainerNames(pod).map((name) => `${name} (init)`),
  ].join(', ')

/** The container that is meant: named, annotated, or the first, which is said when there are others. */
export function chooseContainer(session: Session, pod: TreeMap, asked: string, quiet = false): string | Refusal {
  const names = containerNames(pod)
  const every = [...names, ...initContainerNames(pod), ...ephemeralContainerNames(pod)]
  const podName = String(treeAt(pod, 'metadata', 'name'))
  if (asked)
    return every.includes(asked)
      ? asked
      : refuse(`container ${asked} is not valid for pod ${podName} out of: ${allContainersText(pod)}`)
  const annotated = treeAt(pod, 'metadata', 'annotations', DEFAULT_CONTAINER)
  if (typeof annotated === 'string' && annotated) {
    if (every.includes(annotated)) return annotated
    complain(session, `Default container name "${annotated}" not found in pod ${podName}\n`)
  }
  if (every.length > 1 && !quiet)
    complain(session, `Defaulted container "${names[0]}" out of: ${allContainersText(pod)}\n`)
  return names[0] ?? ''
}

/** The text of the selector by which an object finds its Pods. */
export function podSelectorText(object: TreeMap): string | undefined {
  const selector = treeAt(object, 'spec', 'selector')
  const kind = String(object.kind)
  if (kind === 'Service' || kind === 'ReplicationController')
    return isMap(selector) && Object.keys(selector).length > 0
      ? selectorText(selectorOfLabels(selector as Record<string, string>))
      : undefined
  if (!isMap(selector) || kind === 'Pod') return undefined
  const parsed = selectorOf(selector as Parameters<typeof selectorOf>[0])
  return parsed && selectorText(parsed)
}

const readyTime = (pod: TreeMap): string => {
  const conditions = treeAt(pod, 'status', 'conditions')
  const ready = (isList(conditions) ? conditions : []).find((condition) => treeAt(condition, 'type') === 'Ready')
  return treeAt(ready, 'status') === 'True' ? String(treeAt(ready, 'lastTransitionTime') ?? '') : ''
}

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

function restarts(pod: TreeMap): number {
  const statuses = treeAt(pod, 'status', 'containerStatuses')
  return Math.max(0, ...(isList(statuses) ? statuses : []).map((status) => Number(treeAt(status, 'restartCount') ?? 0)))
}

/** Which of two Pods is the less useful to look at: unassigned, not running, not ready, younger. */
export function compareActivePods(a: TreeMap, b: TreeMap): number {
  const assigned = (pod: TreeMap): number => (treeAt(pod, 'spec', 'nodeName') ? 1 : 0)
  const phase = (pod: TreeMap): number => PHASE_ORDER[String(treeAt(pod, 'status', 'phase'))] ?? 3
  const [readyA, readyB] = [readyTime(a), readyTime(b)]
  const created = (pod: TreeMap): string => String(treeAt(pod, 'metadata', 'creationTimestamp') ?? '')
  return (
    assigned(a) - assigned(b) ||
    phase(a) - phase(b) ||
    Number(readyA !== '') - Number(readyB !== '') ||
    (readyA === readyB ? 0 : readyA < readyB ? 1 : -1) ||
    restarts(b) - restarts(a) ||
    (created(a) === created(b) ? 0 : created(a) < created(b) ? 1 : -1)
  )
}

const asPod = (pod: TreeMap): TreeMap => ({ apiVersion: 'v1', kind: 'Pod', ...pod })

export function podsOf(session: Session, namespace: string, selector: string): readonly TreeMap[] | Refusal {
  const list = ask(session, {
    method: 'GET',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { labelSelector: selector },
    accept: ACCEPT_TYPED,
  })
  if (isRefusal(list)) return list
  return ((list.items as readonly TreeMap[] | null) ?? []).map(asPod)
}

export interface PodChoice {
  readonly pod: TreeMap
  readonly count: number
}

/** The Pod that stands for an object: itself, or the most useful of those it selects. */
export function podFor(
  session: Session,
  object: TreeMap,
  namespace: string,
  mostActiveFirst: boolean,
): PodChoice | Refusal {
  if (object.kind === 'Pod') return { pod: object, count: 1 }
  const selector = podSelectorText(object)
  if (selector === undefined) return refuse(`selector for ${goTypeOf(object)} not implemented`)
  const pods = podsOf(session, namespace, selector)
  if (isRefusal(pods)) return pods
  if (pods.length === 0) return refuse('timed out waiting for the condition')
  const sorted = [...pods].sort(compareActivePods)
  return { pod: mostActiveFirst ? sorted.at(-1)! : sorted[0]!, count: pods.length }
}
