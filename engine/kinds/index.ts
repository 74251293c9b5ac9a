/**
 * Every kind there is a strategy for. A kind that is not here is served all the same, as its schema says: without defaults
 * that depend on other fields, without rules across fields, and with name and age as its columns.
 */
import type { AnyStrategy } from '../api/kind.ts'
import type { ResourceName } from '../api/object.ts'
import { deploymentKind } from './apps/deployment/kind.ts'
import { replicaSetKind } from './apps/replicaset/kind.ts'
import { leaseKind } from './coordination/lease/kind.ts'
import { configMapKind } from './core/configmap/kind.ts'
import { eventKind } from './core/event/kind.ts'
import { namespaceKind } from './core/namespace/kind.ts'
import { nodeKind } from './core/node/kind.ts'
import { podKind } from './core/pod/kind.ts'
import { secretKind } from './core/secret/kind.ts'
import { serviceKind } from './core/service/kind.ts'
import { serviceAccountKind } from './core/serviceaccount/kind.ts'
import { endpointSliceKind } from './discovery/endpointslice/kind.ts'
import { eventsV1Kind } from './events/event/kind.ts'

/** Each strategy is written for its own type; the registry forgets which, and gives each only its own objects. */
export const strategies: readonly AnyStrategy[] = [
  configMapKind,
  deploymentKind,
  endpointSliceKind,
  eventKind,
  eventsV1Kind,
  leaseKind,
  namespaceKind,
  nodeKind,
  podKind,
  replicaSetKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
] as unknown as readonly AnyStrategy[]

const byResource: ReadonlyMap<ResourceName, AnyStrategy> = new Map(
  strategies.map((strategy) => [strategy.resource, strategy]),
)

export const strategyFor = (resource: ResourceName): AnyStrategy | undefined => byResource.get(resource)
