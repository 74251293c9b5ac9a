/**
 * The plugins that admit, in the order in which they are asked.
 *
 * Upstream: pkg/kubeapiserver/options/plugins.go
 * Left out: LimitRanger, ResourceQuota, PodSecurity, NodeRestriction, RuntimeClass, DefaultStorageClass, DefaultIngressClass, the
 * checks of certificate requests, the policies and webhooks of users, and those plugins that are off unless asked for.
 */
import type { Admission } from './admission.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { defaultPriorityClass, keptPriority, podPriority, systemPriorityClass } from './priority.ts'
import { serviceAccount } from './service-account.ts'
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts'
import { taintNodesByCondition } from './taint-nodes-by-condition.ts'

export type { Admission, AdmissionOperation } from './admission.ts'

export const PLUGINS: readonly Admission[] = [
  namespaceLifecycle,
  serviceAccount,
  taintNodesByCondition,
  podPriority,
  keptPriority,
  defaultPriorityClass,
  systemPriorityClass,
  defaultTolerationSeconds,
  storageObjectInUseProtection,
]
