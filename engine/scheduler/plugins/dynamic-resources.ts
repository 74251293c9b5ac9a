/**
 * Devices that Pods claim. No Pod here can claim one, so no node is ever refused; what the plugin says when preemption
 * is tried stays, because people read it with every Pod that fits nowhere.
 *
 * Upstream: pkg/scheduler/framework/plugins/dynamicresources
 * Left out: ResourceClaims, ResourceSlices, DeviceClasses. A Pod that claims devices is held back and told so.
 */
import type { Plugin } from '../plugin.ts'

export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  looksAt: 'node',
  holds: ({ spec }) => (spec.resourceClaims?.length ? 'resource claims are not modelled by kubefold' : undefined),
  score: () => 0,
}

/** What it says when it is asked whether giving back claimed devices would make room. */
export const NOTHING_TO_DEALLOCATE = 'no new claims to deallocate'
