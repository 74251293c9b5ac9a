/** What there is to say about a workload's template, once for each new one. */
import type { PodTemplateSpec } from '../../api/types.generated.ts'
import { podSpecWarnings } from '../core/pod/warnings.ts'

interface Workload {
  readonly spec?: { readonly template?: PodTemplateSpec }
}

export const templateWarnings = (object: Workload, old: Workload | undefined): readonly string[] =>
  old && old.spec?.template === object.spec?.template
    ? []
    : podSpecWarnings(object.spec?.template?.spec, 'spec.template.spec')
