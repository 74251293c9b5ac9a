/** What is true of Deployments in every cluster that works. */
import type { Deployment } from '../../../api/types.generated.ts'
import { always, eventually, type Property, sometimes } from '../../../check/property.ts'
import { storeOf } from '../../../cluster/world.ts'
import { listObjects } from '../../../etcd/store.ts'
import { minutes } from '../../../std/time.ts'

const isPaused = ({ spec }: Deployment): boolean => spec.paused === true

function unfinished({ metadata, spec, status }: Deployment): string | undefined {
  const wanted = spec.replicas ?? 1
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 1))
    return 'its latest wish has not been seen by its controller'
  if ((status?.updatedReplicas ?? 0) !== wanted)
    return `${status?.updatedReplicas ?? 0} of ${wanted} Pods are of the latest template`
  if ((status?.replicas ?? 0) !== wanted) return `${status?.replicas} Pods are there and ${wanted} are wanted`
  if ((status?.availableReplicas ?? 0) !== wanted)
    return `${status?.availableReplicas ?? 0} of ${wanted} Pods are available`
  return undefined
}

export const deploymentProperties: readonly Property[] = [
  always('a Deployment counts no more available Pods than Pods', {
    because: 'availability is counted among what is there',
    of: 'deployments.apps',
    broken: (object) => {
      const { status } = object as unknown as Deployment
      const [available, all] = [status?.availableReplicas ?? 0, status?.replicas ?? 0]
      return available > all ? `it says ${available} of ${all} are available` : undefined
    },
  }),
  always('a Deployment has not observed a generation that does not exist yet', {
    because: 'kubectl rollout status trusts it',
    of: 'deployments.apps',
    broken: (object) => {
      const { metadata, status } = object as unknown as Deployment
      return (status?.observedGeneration ?? 0) > (metadata.generation ?? 0)
        ? `it has observed ${status!.observedGeneration}`
        : undefined
    },
  }),
  eventually('every Deployment is whole: all of its Pods are of the latest template, and available', {
    because: 'when nothing breaks any more, what was asked for must come about',
    within: minutes(12),
    broken: (world) =>
      (listObjects(storeOf(world), 'deployments.apps') as unknown as Deployment[])
        .filter((deployment) => !isPaused(deployment) && deployment.metadata.deletionTimestamp === undefined)
        .flatMap((deployment) => {
          const says = unfinished(deployment)
          return says === undefined
            ? []
            : [{ object: `Deployment ${deployment.metadata.namespace}/${deployment.metadata.name}`, says }]
        }),
  }),
  sometimes('a Deployment had two templates running at once', {
    because: 'a rolling update is the hard part of a Deployment',
    seen: ({ resource, after }) => {
      if (resource !== 'deployments.apps' || !after) return false
      const { status } = after as unknown as Deployment
      return (status?.updatedReplicas ?? 0) > 0 && (status?.replicas ?? 0) > (status?.updatedReplicas ?? 0)
    },
  }),
]
