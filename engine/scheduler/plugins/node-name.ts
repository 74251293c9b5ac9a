/**
 * A Pod that names its node goes to that node or nowhere.
 *
 * Upstream: pkg/scheduler/framework/plugins/nodename
 */
import type { Plugin } from '../plugin.ts'
import { unresolvable } from '../refusal.ts'

const ANOTHER_NODE = unresolvable("node(s) didn't match the requested node name")

export const nodeName: Plugin = {
  name: 'NodeName',
  looksAt: 'node',
  filter: ({ pod }, { facts }) => (pod.spec.nodeName && pod.spec.nodeName !== facts.name ? ANOTHER_NODE : undefined),
  wakes: ({ of, change }) => of === 'Node' && change === 'Add',
}
