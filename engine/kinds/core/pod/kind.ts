/**
 * A Pod is some containers that live and die together on one machine, with one address and some volumes between them. It is the only
 * thing in Kubernetes that runs; all the rest decides which Pods there are and where.
 *
 * Upstream: pkg/registry/core/pod, pkg/apis/core/{v1/defaults.go,validation}
 */
import { defineKind } from '../../../api/kind.ts'
import type { Pod } from '../../../api/types.generated.ts'
import { specChanged } from '../../doors.ts'
import { defaultPod } from './defaults.ts'
import { podFields } from './fields.ts'
import { podGracePeriod } from './grace-period.ts'
import { preparePodCreate, preparePodUpdate } from './prepare.ts'
import { podColumns, podRow } from './row.ts'
import { validatePod, validatePodUpdate } from './validate.ts'
import { podWarnings } from './warnings.ts'

export const podKind = defineKind<Pod>({
  resource: 'pods',
  defaults: defaultPod,
  prepareCreate: preparePodCreate,
  prepareUpdate: preparePodUpdate,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  warnings: podWarnings,
  bumpsGeneration: specChanged,
  gracePeriodSeconds: podGracePeriod,
  fields: podFields,
  indexes: ({ spec }) => ({ node: [spec?.nodeName ?? ''] }),
  columns: podColumns,
  row: podRow,
})
