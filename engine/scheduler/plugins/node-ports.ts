/**
 * A host port can be held by one Pod of a node only.
 *
 * Upstream: pkg/scheduler/framework/plugins/nodeports
 */
import type { Event } from '../event.ts'
import { type HostPort, loadOf } from '../load.ts'
import type { Pod } from '../objects.ts'
import type { Plugin } from '../plugin.ts'
import { refused } from '../refusal.ts'

const TAKEN = refused("node(s) didn't have free ports for the requested pod ports")

const EVERY_ADDRESS = '0.0.0.0'

const collide = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === EVERY_ADDRESS || b.ip === EVERY_ADDRESS)

const anyCollide = (wanted: readonly HostPort[], held: readonly HostPort[]): boolean =>
  wanted.some((port) => held.some((other) => collide(port, other)))

function portsFreed({ change, before }: Event, pod: Pod): boolean {
  return change === 'Delete' && before !== undefined && anyCollide(loadOf(pod).ports, loadOf(before as Pod).ports)
}

export const nodePorts: Plugin = {
  name: 'NodePorts',
  looksAt: 'node',
  prepare: ({ load }) => (load.ports.length > 0 ? true : undefined),
  filter: ({ load }, { usage }) => (anyCollide(load.ports, usage.ports) ? TAKEN : undefined),
  wakes: (event, pod) =>
    event.of === 'Node' ? event.change === 'Add' : event.of === 'AssignedPod' && portsFreed(event, pod),
}
