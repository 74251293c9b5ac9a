/**
 * A PodTemplate is a template that nobody uses by itself.
 *
 * Upstream: pkg/registry/core/podtemplate
 */
import { equalJson } from '../../../api/equal.ts'
import { filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { PodTemplate } from '../../../api/types.generated.ts'
import { containerCells, labelsText, NAME, text } from '../../columns.ts'
import { defaultPodTemplate } from '../pod/defaults.ts'
import { templateWithoutDisabled } from '../pod/disabled-fields.ts'
import { podSpecWarnings } from '../pod/warnings.ts'

const withoutDisabled = filling<PodTemplate>({}, { template: templateWithoutDisabled })

export const podTemplateKind = defineKind<PodTemplate>({
  resource: 'podtemplates',
  defaults: filling<PodTemplate>({}, { template: defaultPodTemplate }),
  prepareCreate: withoutDisabled,
  prepareUpdate: withoutDisabled,
  warnings: ({ template }) => podSpecWarnings(template?.spec, 'template.spec'),
  bumpsGeneration: (object, old) => !equalJson(object.template, old.template),
  columns: [NAME, text('Containers'), text('Images'), text('Pod Labels')],
  row: ({ metadata, template }) => [
    metadata.name,
    ...containerCells(template?.spec?.containers ?? []),
    labelsText(template?.metadata?.labels),
  ],
})
