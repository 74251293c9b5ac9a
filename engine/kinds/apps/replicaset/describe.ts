/** What `kubectl describe replicaset` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import {
  askTyped,
  type Describe,
  type DescribeRequest,
  eventsAbout,
  itemsIn,
} from '../../../kubectl/describe/describer.ts'
import { podTemplateText } from '../../../kubectl/describe/pod-template.ts'
import {
  controlledBy,
  eventLines,
  field,
  headText,
  labelSelectorText,
  listAt,
  mapAt,
  reasonConditions,
  textAt,
} from '../../../kubectl/describe/text.ts'
import { isRefusal } from '../../../kubectl/refusal.ts'
import type { TreeMap } from '../../../std/tree.ts'

const isOwnedBy = (pod: TreeMap, uid: string): boolean =>
  listAt(pod, 'metadata', 'ownerReferences').some((owner) => owner.controller === true && owner.uid === uid)

/** `2 Running / 0 Waiting / 0 Succeeded / 0 Failed` */
export function podsStatusText({ session, object, chunk }: DescribeRequest): string {
  const path = `/api/v1/namespaces/${textAt(object, 'metadata', 'namespace')}/pods`
  const list = askTyped(session, path, {
    labelSelector: labelSelectorText(object.spec && mapAt(object, 'spec', 'selector')),
    limit: chunk,
  })
  if (isRefusal(list)) return `error in fetching pods: ${list.by === 'server' ? list.message : ''}`
  const pods = itemsIn(list).filter((pod) => isOwnedBy(pod, textAt(object, 'metadata', 'uid')))
  const count = (phase: string): number => pods.filter((pod) => textAt(pod, 'status', 'phase') === phase).length
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`
}

export const describeReplicaSet: Describe = (request) => {
  const { object, nowUnix } = request
  const pods = podsStatusText(request)
  return [
    headText(object, field('Selector', labelSelectorText(mapAt(object, 'spec', 'selector')))),
    controlledBy(object),
    field(
      'Replicas',
      `${textAt(object, 'status', 'replicas') || 0} current / ${textAt(object, 'spec', 'replicas')} desired`,
    ),
    field('Pods Status', pods),
    podTemplateText(mapAt(object, 'spec', 'template')),
    reasonConditions(listAt(object, 'status', 'conditions')),
    eventLines(eventsAbout(request), nowUnix),
  ].join('')
}
