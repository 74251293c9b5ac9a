/** What is true of the cluster as a whole, whatever is in it; and the list of every property there is. */
import { storeOf } from '../cluster/world.ts'
import { getObject, listObjects } from '../etcd/store.ts'
import { deploymentProperties } from '../kinds/apps/deployment/properties.ts'
import { replicaSetProperties } from '../kinds/apps/replicaset/properties.ts'
import { podProperties } from '../kinds/core/pod/properties.ts'
import { endpointSliceProperties } from '../kinds/discovery/endpointslice/properties.ts'
import { minutes } from '../std/time.ts'
import { eachStep, eventually, type Property, sometimes } from './property.ts'

type WithStatus = {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

const clusterProperties: readonly Property[] = [
  eachStep('each write has the revision after the one before', {
    because: 'a watch is resumed from a revision, and a gap would be news that nobody got',
    broken: ({ revision, after }) =>
      after && after.metadata.resourceVersion !== String(revision)
        ? `it was written at ${revision} and says ${after.metadata.resourceVersion}`
        : undefined,
  }),
  eachStep('an object keeps its uid, its name and its time of creation', {
    because: 'another object of the same name is another object, and whoever holds the old one must be able to tell',
    broken: ({ before, after }) =>
      before &&
      after &&
      (before.metadata.uid !== after.metadata.uid ||
        before.metadata.creationTimestamp !== after.metadata.creationTimestamp)
        ? `uid ${before.metadata.uid} became ${after.metadata.uid}`
        : undefined,
  }),
  eachStep('a generation never goes back', {
    because: 'observedGeneration is compared with it',
    broken: ({ before, after }) =>
      before && after && (after.metadata.generation ?? 0) < (before.metadata.generation ?? 0)
        ? `it was ${before.metadata.generation} and is ${after.metadata.generation}`
        : undefined,
  }),
  eachStep('what is being deleted is never undeleted', {
    because: 'finalizers have begun their work and cannot take it back',
    broken: ({ before, after }) =>
      after && before?.metadata.deletionTimestamp !== undefined && after.metadata.deletionTimestamp === undefined
        ? 'its deletionTimestamp is gone'
        : undefined,
  }),
  eachStep('nothing is made in a namespace that does not exist', {
    because: 'nobody would ever delete it again',
    broken: ({ before, after }, world) => {
      const namespace = !before && after?.metadata.namespace
      return namespace && !getObject(storeOf(world), 'namespaces', namespace)
        ? `there is no namespace ${namespace}`
        : undefined
    },
  }),
  eventually('every node that has power is ready', {
    because: 'its kubelet renews its lease again, and the taints go',
    within: minutes(8),
    broken: (world) =>
      listObjects(storeOf(world), 'nodes')
        .filter(
          (node) =>
            !(node as WithStatus).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
        )
        .map((node) => ({ object: `Node ${node.metadata.name}`, says: 'it is not Ready' })),
  }),
  eventually('no namespace is left being deleted', {
    because: 'once what was in it is gone, so is its finalizer',
    within: minutes(8),
    broken: (world) =>
      listObjects(storeOf(world), 'namespaces')
        .filter((namespace) => namespace.metadata.deletionTimestamp !== undefined)
        .map((namespace) => ({ object: `Namespace ${namespace.metadata.name}`, says: 'it is still Terminating' })),
  }),
  sometimes('a node was not ready', {
    because: 'a search that never lost a node has not searched',
    seen: ({ resource, after }) =>
      resource === 'nodes' &&
      ((after as WithStatus | undefined)?.status?.conditions?.some(
        ({ type, status }) => type === 'Ready' && status !== 'True',
      ) ??
        false),
  }),
]

export const PROPERTIES: readonly Property[] = [
  ...clusterProperties,
  ...podProperties,
  ...replicaSetProperties,
  ...deploymentProperties,
  ...endpointSliceProperties,
]
