/**
 * Every controller of the cluster. Each has its own identity, its own view and its own queue; they meet only through
 * the API.
 *
 * Upstream: cmd/kube-controller-manager
 */
import type { Controller } from '../client/controller.ts'
import { deploymentController } from '../kinds/apps/deployment/controller.ts'
import { replicaSetController } from '../kinds/apps/replicaset/controller.ts'
import { endpointsController } from '../kinds/core/endpoints/controller.ts'
import { namespaceController } from '../kinds/core/namespace/controller.ts'
import { nodeIpamController } from '../kinds/core/node/ipam.ts'
import { nodeLifecycleController } from '../kinds/core/node/lifecycle.ts'
import { taintEvictionController } from '../kinds/core/node/taint-eviction.ts'
import { ttlController } from '../kinds/core/node/ttl.ts'
import { podGarbageCollector } from '../kinds/core/pod/garbage-collector.ts'
import { rootCaPublisher, serviceAccountController } from '../kinds/core/serviceaccount/controller.ts'
import { endpointSliceController } from '../kinds/discovery/endpointslice/controller.ts'
import { garbageCollector } from './garbage-collector.ts'

export const controllers: readonly Controller[] = [
  deploymentController,
  replicaSetController,
  endpointSliceController,
  endpointsController,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  ttlController,
  podGarbageCollector,
  namespaceController,
  serviceAccountController,
  rootCaPublisher,
  garbageCollector,
]
