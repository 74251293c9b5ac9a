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
import { endpointSliceController } from '../kinds/discovery/endpointslice/controller.ts'

export const controllers: readonly Controller[] = [
  deploymentController,
  replicaSetController,
  endpointSliceController,
  endpointsController,
]
