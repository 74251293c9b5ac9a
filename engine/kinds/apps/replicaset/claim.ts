/**
 * Which objects are a controller's: those that name it as their controller, and orphans that its selector matches, which it adopts. What
 * it owns but no longer matches it lets go. ReplicaSets claim Pods this way, and Deployments claim ReplicaSets.
 *
 * Upstream: pkg/controller/controller_ref_manager.go
 */
import { controllerOf, isDeleting, type KubeObject, type ResourceName } from '../../../api/object.ts'
import { type LabelSelector, type Labels, matchesSelector } from '../../../api/selector.ts'
import type { Command, View } from '../../../client/controller.ts'
import { adopt, release } from '../../../controllers/ask.ts'

export interface Claimed<T extends KubeObject> {
  readonly mine: readonly T[]
  /** The adoptions and releases that make it so. */
  readonly commands: readonly Command[]
}

const HASH_LABEL = 'pod-template-hash'

/** The label of a selector that is shared with the fewest others. */
function narrowestLabel(labels: Labels | undefined): readonly [string, string] | undefined {
  if (!labels) return undefined
  const hash = labels[HASH_LABEL]
  return hash === undefined ? Object.entries(labels)[0] : [HASH_LABEL, hash]
}

/** What a selector can match, and perhaps a little more: found by one of its labels where it names any. */
function labelled<T extends KubeObject>(
  view: View,
  resource: ResourceName,
  namespace: string,
  selector: LabelSelector,
): readonly T[] {
  const label = narrowestLabel(selector.matchLabels)
  if (!label) return view.list<T>(resource, namespace)
  return view.by<T>(resource, 'label', `${namespace}/${label[0]}=${label[1]}`)
}

export const ownedBy = <T extends KubeObject>(view: View, resource: ResourceName, uid: string): readonly T[] =>
  view.by<T>(resource, 'owner', uid).filter((object) => controllerOf(object)?.uid === uid)

/** Claims do not wait for one another. */
const CLAIMS = -1

/** `counts` says which orphans are worth adopting, and which of its own a controller looks at. */
export function claim<T extends KubeObject>(
  view: View,
  resource: ResourceName,
  owner: KubeObject,
  selector: LabelSelector,
  counts: (object: T) => boolean,
): Claimed<T> {
  const matches = (object: T) => matchesSelector(selector, object.metadata.labels)
  const owned = ownedBy<T>(view, resource, owner.metadata.uid).filter(counts)
  if (isDeleting(owner)) return { mine: owned.filter(matches), commands: [] }
  const lost = owned.filter((object) => !matches(object))
  const orphans = labelled<T>(view, resource, owner.metadata.namespace ?? '', selector).filter(
    (object) => !controllerOf(object) && !isDeleting(object) && counts(object) && matches(object),
  )
  if (lost.length === 0 && orphans.length === 0) return { mine: owned, commands: [] }
  const commands = [
    ...lost.map((object) => release(resource, object, owner.metadata.uid, CLAIMS)),
    ...orphans.map((object) => adopt(resource, object, owner, CLAIMS)),
  ]
  return { mine: [...owned.filter(matches), ...orphans], commands }
}
