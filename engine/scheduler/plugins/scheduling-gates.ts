/**
 * A Pod may be created before it is wanted: as long as it names scheduling gates, nobody looks for a node for it.
 *
 * Upstream: pkg/scheduler/framework/plugins/schedulinggates
 */
import type { Plugin } from '../plugin.ts'

const quoted = (names: readonly string[]): string => `[${names.join(' ')}]`

export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  looksAt: 'node',
  holds({ spec }) {
    const gates = (spec.schedulingGates ?? []).map(({ name }) => name)
    return gates.length > 0 ? `waiting for scheduling gates: ${quoted(gates)}` : undefined
  },
  wakes: ({ of, change }) => of === 'UnschedulablePod' && change === 'UpdatePodSchedulingGatesEliminated',
}
