/** What is true of ReplicaSets in every cluster that works. */
import type { Pod, ReplicaSet } from '../../../api/types.generated.ts'
import { always, eachStep, eventually, type Property, sometimes, type Violation } from '../../../check/property.ts'
import { storeOf, type World } from '../../../cluster/world.ts'
import { getObject, listObjects, objectsByIndex } from '../../../etcd/store.ts'
import { minutes } from '../../../std/time.ts'
import { isFinished } from '../../core/pod/properties.ts'

const podsOf = (world: World, replicaSet: ReplicaSet): readonly Pod[] =>
  objectsByIndex(storeOf(world), 'pods', 'owner', replicaSet.metadata.uid) as unknown as Pod[]

const living = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined

function unlikeWanted(world: World, replicaSet: ReplicaSet): readonly Violation[] {
  const wanted = replicaSet.spec.replicas ?? 1
  const count = podsOf(world, replicaSet).filter(living).length
  const object = `ReplicaSet ${replicaSet.metadata.namespace}/${replicaSet.metadata.name}`
  return count === wanted ? [] : [{ object, says: `it wants ${wanted} Pods and has ${count}` }]
}

export const replicaSetProperties: readonly Property[] = [
  eachStep('a ReplicaSet never has more Pods than it was ever asked for at once, while it can see its own writes', {
    because: 'a controller that counts what it just made does not make it again',
    of: 'pods',
    broken: ({ before, after }, world) => {
      const owner =
        !before && after?.metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === 'ReplicaSet')
      if (!owner || !after) return undefined
      const replicaSet = getObject(
        storeOf(world),
        'replicasets.apps',
        `${after.metadata.namespace}/${owner.name}`,
      ) as unknown as ReplicaSet | undefined
      if (!replicaSet || replicaSet.metadata.uid !== owner.uid) return undefined
      const count = podsOf(world, replicaSet).filter(living).length
      const most = Math.max(replicaSet.spec.replicas ?? 1, replicaSet.status?.replicas ?? 0)
      return count > most
        ? `${replicaSet.metadata.name} wants ${replicaSet.spec.replicas} Pods and now has ${count}`
        : undefined
    },
  }),
  always('a ReplicaSet does not count more ready Pods than Pods', {
    because: 'a rollout that believes such a status takes down what still serves',
    of: 'replicasets.apps',
    broken: (object) => {
      const { status } = object as unknown as ReplicaSet
      const [ready, all] = [status?.readyReplicas ?? 0, status?.replicas ?? 0]
      return ready > all ? `it says ${ready} of ${all} are ready` : undefined
    },
  }),
  always('a ReplicaSet has not observed a generation that does not exist yet', {
    because: 'observedGeneration tells a reader which wishes the status is about',
    of: 'replicasets.apps',
    broken: (object) => {
      const { metadata, status } = object as unknown as ReplicaSet
      return (status?.observedGeneration ?? 0) > (metadata.generation ?? 0)
        ? `it has observed ${status!.observedGeneration} and is at ${metadata.generation}`
        : undefined
    },
  }),
  eventually('every ReplicaSet has as many Pods as it wants', {
    because: 'that is all it is for',
    within: minutes(8),
    broken: (world) =>
      (listObjects(storeOf(world), 'replicasets.apps') as unknown as ReplicaSet[])
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .flatMap((replicaSet) => unlikeWanted(world, replicaSet)),
  }),
  sometimes('a Pod that was lost was made again', {
    because: 'a search in which nothing is lost tests nothing',
    seen: ({ resource, before, after }, world) =>
      resource === 'pods' && !before && after !== undefined && world.now > minutes(1),
  }),
]
