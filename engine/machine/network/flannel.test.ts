import { expect, it } from 'vitest'
import { emptySorted } from '../../std/sorted.ts'
import { type FlannelNode, flannelAnnotations, flannelSees, flannelStarts, leaseFor, withNode } from './flannel.ts'
import { ipNeigh, ipRoute } from './ip-command.ts'
import { type MachineNetwork, machineNetwork } from './machine-network.ts'

const UPLINK = { cidr: '172.18.0.0/16', gateway: '172.18.0.1' }

const machine = (ordinal: number): MachineNetwork =>
  flannelStarts(machineNetwork(`node-${ordinal}`, `172.18.0.${ordinal + 2}`, UPLINK), `10.244.${ordinal - 1}.0/24`)

const nodeOf = (network: MachineNetwork): FlannelNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: network.node,
    uid: network.node,
    resourceVersion: '1',
    creationTimestamp: '2026-01-05T09:00:00Z',
    annotations: flannelAnnotations(network),
  },
  spec: { podCIDR: network.podCidr! },
})

it('reaches the pods of another machine once its Node says how, and no longer when the Node is gone', () => {
  const other = nodeOf(machine(2))
  const leases = withNode(emptySorted(), undefined, other)
  const network = flannelSees(machine(1), leases)
  expect(leaseFor(network, '10.244.1.9')?.publicIp).toBe('172.18.0.4')
  expect(ipRoute(network)).toContain('10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink')
  expect(ipNeigh(network)).toMatch(/^10\.244\.1\.0 dev flannel\.1 lladdr [0-9a-f:]{17} PERMANENT/)
  expect(leaseFor(flannelSees(network, withNode(leases, other, undefined)), '10.244.1.9')).toBeUndefined()
})

it('shares the leases while nothing of interest in a Node changes', () => {
  const node = nodeOf(machine(2))
  const leases = withNode(emptySorted(), undefined, node)
  expect(withNode(leases, node, { ...node, metadata: { ...node.metadata, resourceVersion: '2' } })).toBe(leases)
})

it('with host-gw routes to the machine itself', () => {
  const gateway = { ...machine(1), backend: 'host-gw' as const }
  const leases = withNode(emptySorted(), undefined, nodeOf({ ...machine(2), backend: 'host-gw' }))
  expect(ipRoute(flannelSees(gateway, leases))).toContain('10.244.1.0/24 via 172.18.0.4 dev eth0')
})
