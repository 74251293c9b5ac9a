/**
 * Runs an application as many Pods and replaces them by Pods of a new version without an outage. It makes no Pods itself: each
 * version gets a ReplicaSet, and a roll is nothing but scaling one up and the others down, a step at each look.
 *
 * Upstream: pkg/controller/deployment/{deployment_controller,sync,rollback}.go
 * Left out: the annotation `deprecated.deployment.rollback.to` of the old extensions API.
 */
import {
  controllerOf,
  isDeleting,
  type Key,
  type KubeObject,
  keyFor,
  keyOf,
  type OwnerReference,
} from '../../../api/object.ts'
import { matchesSelector } from '../../../api/selector.ts'
import type { Change, Command, Controller, View } from '../../../client/controller.ts'
import { create, note, record, update } from '../../../controllers/ask.ts'
import { claim } from '../replicaset/claim.ts'
import type { ReplicaSet } from '../replicaset/replicaset.ts'
import { findCondition, newCondition, withCondition } from './conditions.ts'
import {
  DEPLOYMENTS,
  type Deployment,
  hasDeadline,
  REPLICA_SETS,
  REVISION,
  recreates,
  sumOf,
  wanted,
} from './deployment.ts'
import { spread, wasScaled } from './proportions.ts'
import { broughtUpToDate, currentOf, newReplicaSet, nextRevision } from './revision.ts'
import { doing, type Roll, reportCounts, writeStatus } from './roll.ts'
import { forgetOldRevisions, newSize, removeOld, rollOn, startNew } from './rollout.ts'
import { TIMED_OUT } from './status.ts'

// ---- the current ReplicaSet ----

function withRevision(deployment: Deployment, revision: string): Deployment {
  if (deployment.metadata.annotations?.[REVISION] === revision) return deployment
  const annotations = { ...deployment.metadata.annotations, [REVISION]: revision }
  return { ...deployment, metadata: { ...deployment.metadata, annotations } }
}

const withProgress = (
  deployment: Deployment,
  outcome: 'True' | 'False',
  reason: string,
  message: string,
  now: number,
) =>
  ({
    ...deployment,
    status: withCondition(deployment.status, newCondition('Progressing', outcome, reason, message, now)),
  }) as Deployment

/** Goes on with a changed Deployment, which is written if it differs. */
function becoming(roll: Roll, deployment: Deployment): Roll {
  if (deployment === roll.deployment) return roll
  return doing({ ...roll, deployment }, writeStatus(deployment, deployment.status))
}

/** The current ReplicaSet with the right number and annotations; undefined when it has them. */
function renumbered({ current, deployment, old }: Roll): ReplicaSet | undefined {
  const next = current && broughtUpToDate(deployment, current, nextRevision(old))
  return next === current ? undefined : next
}

/** The Deployment takes over the number of its current ReplicaSet. */
function withCurrent(roll: Roll): Roll {
  const { current, deployment, view } = roll
  if (!current) return roll
  const numbered = withRevision(deployment, current.metadata.annotations?.[REVISION] ?? '')
  if (!hasDeadline(deployment) || findCondition(deployment.status, 'Progressing')) return becoming(roll, numbered)
  const found = `Found new replica set "${current.metadata.name}"`
  return becoming(roll, withProgress(numbered, 'True', 'FoundNewReplicaSet', found, view.now))
}

/** Somebody else has the name already: the next look will try another. */
function countCollision(roll: Roll): Roll {
  const { deployment } = roll
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1
  return doing(roll, writeStatus(deployment, { ...deployment.status, collisionCount }), { do: 'lookAgain', after: 0 })
}

function creationFailed(roll: Roll, name: string): readonly Command[] {
  const { deployment, view } = roll
  const message = `Failed to create new replica set "${name}": %s`
  const event = record(deployment, 'Warning', 'ReplicaSetCreateError', message)
  if (!hasDeadline(deployment)) return [event, { do: 'retry' }]
  const failed = withProgress(deployment, 'False', 'ReplicaSetCreateError', message, view.now)
  return [writeStatus(failed, failed.status), event, { do: 'retry' }]
}

/** Makes the ReplicaSet for a template that has none. Undefined when its name is taken. */
function makeNew(roll: Roll): Roll | undefined {
  const { deployment, view } = roll
  const replicas = newSize(deployment, 0, sumOf(roll.old, wanted))
  const revision = nextRevision(roll.old)
  const made = newReplicaSet(deployment, revision, replicas)
  const { name, namespace } = made.metadata
  if (view.get(REPLICA_SETS, keyFor(namespace, name))) return undefined
  const message = `Scaled up replica set ${name} from 0 to ${replicas}`
  const event = replicas > 0 ? { onSuccess: note(deployment, 'Normal', 'ScalingReplicaSet', message) } : {}
  const otherwise = creationFailed(roll, name)
  const command = create(REPLICA_SETS, namespace, { ...made }, { ...event, otherwise, tolerate: ['AlreadyExists'] })
  const numbered = withRevision(deployment, String(revision))
  const told = hasDeadline(deployment)
    ? withProgress(numbered, 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`, view.now)
    : numbered
  const current = { ...made, status: { replicas: 0 } } as unknown as ReplicaSet
  return becoming({ ...doing(roll, command), current }, told)
}

/** Goes on with the current ReplicaSet, which is made if there is none. */
function withNew(roll: Roll, goOn: (roll: Roll) => Roll): Roll {
  if (roll.current) return goOn(withCurrent(roll))
  const made = makeNew(roll)
  return made ? goOn(made) : countCollision(roll)
}

// ---- one look ----

/** While paused, time does not count against the deadline: the condition says since when. */
function tellPause(roll: Roll): Roll {
  const { deployment, view } = roll
  const progressing = findCondition(deployment.status, 'Progressing')
  if (!hasDeadline(deployment) || progressing?.reason === TIMED_OUT) return roll
  const told = progressing?.reason === 'DeploymentPaused'
  if (told === (deployment.spec.paused ?? false)) return roll
  const condition = told
    ? newCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', view.now)
    : newCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', view.now)
  return becoming(roll, { ...deployment, status: withCondition(deployment.status, condition) })
}

function resize(roll: Roll): Roll {
  const numbered = withCurrent(roll)
  return reportCounts(spread(numbered), numbered)
}

function pausedRoll(roll: Roll): Roll {
  const numbered = withCurrent(roll)
  return reportCounts(forgetOldRevisions(spread(numbered)), numbered)
}

function next(roll: Roll): Roll {
  const { deployment } = roll
  const told = isDeleting(deployment) ? roll : tellPause(roll)
  const replicaSet = renumbered(told)
  if (replicaSet) return doing(told, update(REPLICA_SETS, replicaSet), { do: 'lookAgain', after: 0 })
  if (isDeleting(deployment)) return reportCounts(withCurrent(told))
  if (deployment.spec.paused) return pausedRoll(told)
  if (wasScaled(told)) return resize(told)
  return recreates(deployment) ? recreate(withCurrent(told)) : withNew(told, rollOn)
}

const recreate = (roll: Roll): Roll => removeOld(roll) ?? (roll.current ? startNew(roll) : withNew(roll, startNew))

const selectsEverything = ({ spec }: Deployment): boolean =>
  Object.keys(spec.selector.matchLabels ?? {}).length === 0 && (spec.selector.matchExpressions ?? []).length === 0

function refuseToSelectEverything(deployment: Deployment): readonly Command[] {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.'
  const warning = record(deployment, 'Warning', 'SelectingAll', message)
  const { generation = 0 } = deployment.metadata
  if ((deployment.status.observedGeneration ?? 0) >= generation) return [warning]
  return [warning, writeStatus(deployment, { ...deployment.status, observedGeneration: generation })]
}

function reconcile(view: View, key: Key): readonly Command[] {
  const deployment = view.get<Deployment>(DEPLOYMENTS, key)
  if (!deployment) return []
  if (selectsEverything(deployment)) return refuseToSelectEverything(deployment)
  const claimed = claim<ReplicaSet>(view, REPLICA_SETS, deployment, deployment.spec.selector, () => true)
  const current = currentOf(deployment, claimed.mine)
  const old = claimed.mine.filter((one) => one !== current)
  return next({ view, deployment, current, old, commands: claimed.commands }).commands
}

// ---- when to look ----

const isDeployment = (owner: OwnerReference | undefined): owner is OwnerReference =>
  owner?.kind === 'Deployment' && owner.apiVersion.startsWith('apps/')

const wantedBy = (view: View, replicaSet: KubeObject): readonly Key[] =>
  view
    .list<Deployment>(DEPLOYMENTS, replicaSet.metadata.namespace)
    .filter(({ spec }) => matchesSelector(spec.selector, replicaSet.metadata.labels))
    .map(keyOf)

const isNewsOfOrphan = (before: KubeObject | undefined, after: KubeObject): boolean =>
  !before || before.metadata.labels !== after.metadata.labels || controllerOf(before) !== undefined

function keysOfReplicaSet({ before, after }: Change, view: View): readonly Key[] {
  const replicaSet = (after ?? before)!
  const owner = controllerOf(replicaSet)
  const former = before && controllerOf(before)
  const keys: Key[] = []
  if (isDeployment(owner)) keys.push(keyFor(replicaSet.metadata.namespace, owner.name))
  if (isDeployment(former) && former.uid !== owner?.uid) keys.push(keyFor(replicaSet.metadata.namespace, former.name))
  if (after && !owner && !isDeleting(after) && isNewsOfOrphan(before, after)) keys.push(...wantedBy(view, after))
  return keys
}

/** Recreate waits for the last old Pod to go. */
function keysOfPod({ before, after }: Change, view: View): readonly Key[] {
  const owner = after ? undefined : before && controllerOf(before)
  if (owner?.kind !== 'ReplicaSet') return []
  const replicaSet = view.get<ReplicaSet>(REPLICA_SETS, keyFor(before!.metadata.namespace, owner.name))
  const above = replicaSet && controllerOf(replicaSet)
  if (!isDeployment(above)) return []
  const key = keyFor(before!.metadata.namespace, above.name)
  const deployment = view.get<Deployment>(DEPLOYMENTS, key)
  return deployment && recreates(deployment) ? [key] : []
}

export const deploymentController: Controller = {
  name: 'deployment-controller',
  workers: 5,
  watches: {
    [DEPLOYMENTS]: ({ key }) => [key],
    [REPLICA_SETS]: keysOfReplicaSet,
    pods: keysOfPod,
  },
  reconcile,
}
