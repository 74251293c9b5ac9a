/**
 * The plugins that admit, in the order in which they are asked.
 *
 * Upstream: pkg/kubeapiserver/options/plugins.go
 * Left out: LimitRanger, ResourceQuota, PodSecurity, NodeRestriction, the policies and webhooks of users, and those plugins that
 * are off unless asked for.
 */
import type { Admission } from './admission.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'

export type { Admission, AdmissionOperation } from './admission.ts'

export const PLUGINS: readonly Admission[] = [namespaceLifecycle]
