/**
 * Every kind there is a strategy for. A kind that is not here is served all the same, as its schema says: without defaults
 * that depend on other fields, without rules across fields, and with name and age as its columns.
 */
import type { AnyStrategy } from '../api/kind.ts'
import type { ResourceName } from '../api/object.ts'
import { mutatingAdmissionPolicyKind, validatingAdmissionPolicyKind } from './admissionregistration/policy/kind.ts'
import {
  mutatingAdmissionPolicyBindingKind,
  validatingAdmissionPolicyBindingKind,
} from './admissionregistration/policybinding/kind.ts'
import {
  mutatingWebhookConfigurationKind,
  validatingWebhookConfigurationKind,
} from './admissionregistration/webhookconfiguration/kind.ts'
import { daemonSetKind } from './apps/daemonset/kind.ts'
import { deploymentKind } from './apps/deployment/kind.ts'
import { replicaSetKind } from './apps/replicaset/kind.ts'
import { statefulSetKind } from './apps/statefulset/kind.ts'
import { cronJobKind } from './batch/cronjob/kind.ts'
import { jobKind } from './batch/job/kind.ts'
import { leaseKind } from './coordination/lease/kind.ts'
import { configMapKind } from './core/configmap/kind.ts'
import { endpointsKind } from './core/endpoints/kind.ts'
import { eventKind } from './core/event/kind.ts'
import { namespaceKind } from './core/namespace/kind.ts'
import { nodeKind } from './core/node/kind.ts'
import { persistentVolumeKind } from './core/persistentvolume/kind.ts'
import { persistentVolumeClaimKind } from './core/persistentvolumeclaim/kind.ts'
import { podKind } from './core/pod/kind.ts'
import { podTemplateKind } from './core/podtemplate/kind.ts'
import { replicationControllerKind } from './core/replicationcontroller/kind.ts'
import { secretKind } from './core/secret/kind.ts'
import { serviceKind } from './core/service/kind.ts'
import { serviceAccountKind } from './core/serviceaccount/kind.ts'
import { endpointSliceKind } from './discovery/endpointslice/kind.ts'
import { eventsV1Kind } from './events/event/kind.ts'
import { ingressKind } from './networking/ingress/kind.ts'
import { ingressClassKind } from './networking/ingressclass/kind.ts'
import { networkPolicyKind } from './networking/networkpolicy/kind.ts'
import { podDisruptionBudgetKind } from './policy/poddisruptionbudget/kind.ts'
import { clusterRoleKind, roleKind } from './rbac/role/kind.ts'
import { clusterRoleBindingKind, roleBindingKind } from './rbac/rolebinding/kind.ts'
import { priorityClassKind } from './scheduling/priorityclass/kind.ts'
import { storageClassKind } from './storage/storageclass/kind.ts'

/** Each strategy is written for its own type; the registry forgets which, and gives each only its own objects. */
export const strategies: readonly AnyStrategy[] = [
  clusterRoleBindingKind,
  clusterRoleKind,
  configMapKind,
  cronJobKind,
  daemonSetKind,
  deploymentKind,
  endpointsKind,
  endpointSliceKind,
  eventKind,
  eventsV1Kind,
  ingressClassKind,
  ingressKind,
  jobKind,
  leaseKind,
  mutatingAdmissionPolicyBindingKind,
  mutatingAdmissionPolicyKind,
  mutatingWebhookConfigurationKind,
  namespaceKind,
  networkPolicyKind,
  nodeKind,
  persistentVolumeClaimKind,
  persistentVolumeKind,
  podDisruptionBudgetKind,
  podKind,
  podTemplateKind,
  priorityClassKind,
  replicaSetKind,
  replicationControllerKind,
  roleBindingKind,
  roleKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  statefulSetKind,
  storageClassKind,
  validatingAdmissionPolicyBindingKind,
  validatingAdmissionPolicyKind,
  validatingWebhookConfigurationKind,
] as unknown as readonly AnyStrategy[]

const byResource: ReadonlyMap<ResourceName, AnyStrategy> = new Map(
  strategies.map((strategy) => [strategy.resource, strategy]),
)

export const strategyFor = (resource: ResourceName): AnyStrategy | undefined => byResource.get(resource)
