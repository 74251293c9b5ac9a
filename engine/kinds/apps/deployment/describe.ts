/** What `kubectl describe deployment` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go, pkg/util/deployment */
import {
  askTyped,
  type Describe,
  type DescribeRequest,
  eventsAbout,
  itemsIn,
} from '../../../kubectl/describe/describer.ts'
import { podTemplateText } from '../../../kubectl/describe/pod-template.ts'
import {
  annotationsText,
  eventLines,
  field,
  labelLines,
  labelSelectorText,
  listAt,
  longTime,
  mapAt,
  reasonConditions,
  textAt,
} from '../../../kubectl/describe/text.ts'
import { sameTree, type TreeMap, treeAt, withoutKey } from '../../../std/tree.ts'

const HASH = 'pod-template-hash'

const bareTemplate = (object: TreeMap): TreeMap => {
  const template = mapAt(object, 'spec', 'template')
  const metadata = mapAt(template, 'metadata')
  return { ...template, metadata: { ...metadata, labels: withoutKey(mapAt(metadata, 'labels'), HASH) } }
}

const byAge = (a: TreeMap, b: TreeMap): number => {
  const [left, right] = [a, b].map(
    (set) => `${textAt(set, 'metadata', 'creationTimestamp')} ${textAt(set, 'metadata', 'name')}`,
  )
  return left! < right! ? -1 : 1
}

/** The ReplicaSets a Deployment owns, and which of them is of its present template. */
export function replicaSetsOf({ session, object, chunk }: Pick<DescribeRequest, 'session' | 'object' | 'chunk'>): {
  readonly old: readonly TreeMap[]
  readonly current: TreeMap | undefined
  readonly all: readonly TreeMap[]
} {
  const path = `/apis/apps/v1/namespaces/${textAt(object, 'metadata', 'namespace')}/replicasets`
  const list = askTyped(session, path, {
    labelSelector: labelSelectorText(mapAt(object, 'spec', 'selector')),
    limit: chunk,
  })
  const uid = textAt(object, 'metadata', 'uid')
  const all = itemsIn(list)
    .filter((set) =>
      listAt(set, 'metadata', 'ownerReferences').some((owner) => owner.controller === true && owner.uid === uid),
    )
    .toSorted(byAge)
  const wanted = bareTemplate(object)
  const current = all.find((set) => sameTree(bareTemplate(set), wanted))
  return { all, current, old: all.filter((set) => set !== current) }
}

const setsText = (sets: readonly TreeMap[]): string =>
  sets
    .map(
      (set) =>
        `${textAt(set, 'metadata', 'name')} (${textAt(set, 'status', 'replicas') || 0}/${textAt(set, 'spec', 'replicas')} replicas created)`,
    )
    .join(', ') || '<none>'

function replicasText(object: TreeMap): string {
  const count = (name: string): string => textAt(object, 'status', name) || '0'
  return `${textAt(object, 'spec', 'replicas')} desired | ${count('updatedReplicas')} updated | ${count('replicas')} total | ${count('availableReplicas')} available | ${count('unavailableReplicas')} unavailable`
}

export const describeDeployment: Describe = (request) => {
  const { object, nowUnix } = request
  const events = eventsAbout(request)
  const { old, current } = replicaSetsOf(request)
  const rolling = treeAt(object, 'spec', 'strategy', 'rollingUpdate')
  return [
    field('Name', textAt(object, 'metadata', 'name')),
    field('Namespace', textAt(object, 'metadata', 'namespace')),
    field('CreationTimestamp', longTime(textAt(object, 'metadata', 'creationTimestamp'))),
    labelLines('Labels', treeAt(object, 'metadata', 'labels')),
    annotationsText('Annotations', treeAt(object, 'metadata', 'annotations')),
    field('Selector', labelSelectorText(mapAt(object, 'spec', 'selector'))),
    field('Replicas', replicasText(object)),
    field('StrategyType', textAt(object, 'spec', 'strategy', 'type')),
    field('MinReadySeconds', textAt(object, 'spec', 'minReadySeconds') || 0),
    rolling
      ? field(
          'RollingUpdateStrategy',
          `${textAt(rolling, 'maxUnavailable')} max unavailable, ${textAt(rolling, 'maxSurge')} max surge`,
        )
      : '',
    podTemplateText(mapAt(object, 'spec', 'template')),
    reasonConditions(listAt(object, 'status', 'conditions')),
    old.length > 0 || current
      ? field('OldReplicaSets', setsText(old)) + field('NewReplicaSet', setsText(current ? [current] : []))
      : '',
    eventLines(events, nowUnix),
  ].join('')
}
