/** Which kinds have a description of their own. */
import { describeDeployment } from '../../kinds/apps/deployment/describe.ts'
import { describeReplicaSet } from '../../kinds/apps/replicaset/describe.ts'
import { describeConfigMap } from '../../kinds/core/configmap/describe.ts'
import { describeNamespace } from '../../kinds/core/namespace/describe.ts'
import { describeNode } from '../../kinds/core/node/describe.ts'
import { describePod } from '../../kinds/core/pod/describe.ts'
import { describeSecret } from '../../kinds/core/secret/describe.ts'
import { describeService } from '../../kinds/core/service/describe.ts'
import { describeServiceAccount } from '../../kinds/core/serviceaccount/describe.ts'
import { describeEndpointSlice } from '../../kinds/discovery/endpointslice/describe.ts'
import type { Describe } from './describer.ts'

/** By `plural.group`. */
export const DESCRIBERS: Readonly<Record<string, Describe>> = {
  configmaps: describeConfigMap,
  namespaces: describeNamespace,
  nodes: describeNode,
  pods: describePod,
  secrets: describeSecret,
  services: describeService,
  serviceaccounts: describeServiceAccount,
  'deployments.apps': describeDeployment,
  'replicasets.apps': describeReplicaSet,
  'endpointslices.discovery.k8s.io': describeEndpointSlice,
}
