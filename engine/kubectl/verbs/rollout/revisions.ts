/**
 * The versions a workload has had: of a Deployment its ReplicaSets, of DaemonSets and StatefulSets their ControllerRevisions.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/polymorphichelpers/history.go
 */
import { replicaSetsOf } from '../../../kinds/apps/deployment/describe.ts'
import { isMap, type TreeMap, treeAt, withoutKey, withTreeAt } from '../../../std/tree.ts'
import { askTyped, itemsIn } from '../../describe/describer.ts'
import { labelSelectorText, listAt, mapAt, textAt } from '../../describe/text.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import type { Session } from '../../session.ts'
import { type Target, targetPath } from '../../targets.ts'
import { groupKind, withKindOf } from './subjects.ts'

export interface Revision {
  readonly number: number
  readonly template: TreeMap
  readonly changeCause: string
  /** What keeps it: a ReplicaSet or a ControllerRevision. */
  readonly keeper: TreeMap
  /** The workload as it was, or the ReplicaSet. */
  readonly object: TreeMap
}

export interface History {
  /** The workload as it is now. */
  readonly workload: TreeMap
  readonly revisions: readonly Revision[]
}

const CHANGE_CAUSE = 'kubernetes.io/change-cause'

export const REVISION = 'deployment.kubernetes.io/revision'

function replicaSetRevision(set: TreeMap): Revision {
  const template = mapAt(set, 'spec', 'template')
  const changeCause = textAt(set, 'metadata', 'annotations', CHANGE_CAUSE)
  const annotated = changeCause
    ? (withTreeAt(template, ['metadata', 'annotations', CHANGE_CAUSE], changeCause) as TreeMap)
    : template
  return {
    number: Number(textAt(set, 'metadata', 'annotations', REVISION)),
    template: annotated,
    changeCause,
    keeper: set,
    object: { apiVersion: 'apps/v1', kind: 'ReplicaSet', ...set },
  }
}

function controllerRevision(workload: TreeMap, revision: TreeMap): Revision {
  const data = treeAt(revision, 'data', 'spec', 'template')
  const template = isMap(data) ? withoutKey(data, '$patch') : {}
  return {
    number: Number(revision.revision),
    template,
    changeCause: textAt(revision, 'metadata', 'annotations', CHANGE_CAUSE),
    keeper: revision,
    object: withTreeAt(workload, ['spec', 'template'], template) as TreeMap,
  }
}

const isOwnedBy =
  (uid: string) =>
  (object: TreeMap): boolean =>
    listAt(object, 'metadata', 'ownerReferences').some((owner) => owner.controller === true && owner.uid === uid)

function controllerRevisions(session: Session, workload: TreeMap): readonly Revision[] {
  const path = `/apis/apps/v1/namespaces/${textAt(workload, 'metadata', 'namespace')}/controllerrevisions`
  const list = askTyped(session, path, { labelSelector: labelSelectorText(mapAt(workload, 'spec', 'selector')) })
  const own = itemsIn(list).filter(isOwnedBy(textAt(workload, 'metadata', 'uid')))
  return own.map((revision) => controllerRevision(workload, revision))
}

const KINDS = ['Deployment.apps', 'DaemonSet.apps', 'StatefulSet.apps']

/** All versions, the oldest first. `role` names what is missing for other kinds. */
export function historyOf(session: Session, target: Target, role: 'history viewer' | 'rollbacker'): History | Refusal {
  if (!KINDS.includes(groupKind(target.resource)))
    return refuse(`no ${role} has been implemented for "${groupKind(target.resource)}"`)
  const answer = askTyped(session, targetPath(target))
  if (isRefusal(answer)) return answer
  const workload = withKindOf(answer, target.resource)
  const revisions =
    target.resource.kind === 'Deployment'
      ? replicaSetsOf({ session, object: workload, chunk: undefined }).all.map(replicaSetRevision)
      : controllerRevisions(session, workload)
  return {
    workload,
    revisions: revisions.filter(({ number }) => Number.isInteger(number)).toSorted((a, b) => a.number - b.number),
  }
}
