/**
 * A Node stands for a machine: what it has, how it is, and whether work may go there. The kubelet on the machine writes most of
 * it; people cordon and taint it.
 *
 * Upstream: pkg/registry/core/node, pkg/apis/core/{v1/defaults.go,validation}
 */
import { roundedAmounts } from '../../../api/amounts.ts'
import { filling, withField } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { Node } from '../../../api/types.generated.ts'
import { AGE, NAME, text, wide } from '../../columns.ts'
import { twoDoors } from '../../doors.ts'
import { nodeRow } from './row.ts'
import { validateNode, validateNodeUpdate } from './validate.ts'

type Spec = NonNullable<Node['spec']>

/** One range under two names; where they differ the older name wins. */
function inStep(spec: Spec): Spec {
  const { podCIDR = '', podCIDRs = [] } = spec
  if (podCIDR === (podCIDRs[0] ?? '')) return spec
  return podCIDR === '' ? { ...spec, podCIDR: podCIDRs[0]! } : { ...spec, podCIDRs: [podCIDR] }
}

export const nodeKind = defineKind<Node>({
  resource: 'nodes',
  defaults: filling<Node>(
    {},
    {
      spec: inStep,
      status: filling(
        { allocatable: ({ capacity }) => capacity },
        { capacity: roundedAmounts, allocatable: roundedAmounts },
      ),
    },
  ),
  prepareUpdate: (node, old, subresource) => {
    const kept = twoDoors(node, old, subresource)
    return old.spec?.configSource ? kept : withField(kept, 'spec', withoutConfigSource(kept.spec))
  },
  prepareCreate: (node) => withField(node, 'spec', withoutConfigSource(node.spec)),
  validate: validateNode,
  // Upstream looks at an updated Node twice, as if it were new and as a change, and tells of both.
  validateUpdate: (node, old) => [...validateNode(node), ...validateNodeUpdate(node, old)],
  fields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },
  columns: [
    NAME,
    text('Status'),
    text('Roles'),
    AGE,
    text('Version'),
    wide('Internal-IP'),
    wide('External-IP'),
    wide('OS-Image'),
    wide('Kernel-Version'),
    wide('Container-Runtime'),
  ],
  row: nodeRow,
})

/** Dynamic kubelet configuration is gone: the field is dropped from what is new. */
function withoutConfigSource(spec: Node['spec']): Node['spec'] {
  return spec ? withField(spec, 'configSource', undefined) : spec
}
