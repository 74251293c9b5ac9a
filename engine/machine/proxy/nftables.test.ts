import { describe, expect, it } from 'vitest'
import { CLIENT, smallCluster, smallService, smallSlice } from '../network/small-cluster.ts'
import { connect } from '../network/trace.ts'
import { modeProblem, proxyTables } from './mode.ts'
import { nftList } from './nft-table.ts'
import { nftablesRules } from './nftables.ts'

const node = { name: 'node-1', address: '172.18.0.3', clusterCidr: '10.244.0.0/16', serviceCidrs: ['10.96.0.0/16'] }
const service = smallService('svc', {
  type: 'NodePort',
  clusterIP: '10.96.0.7',
  ports: [{ port: 80, nodePort: 30080 }],
})
const view = { services: [service], endpointSlices: [smallSlice('svc', 80, ['10.244.0.3', '10.244.1.2'])] }

const machines = smallCluster(view.services, view.endpointSlices, {
  proxyTables: (name) =>
    proxyTables('nftables', view, { ...node, name, address: name === 'node-1' ? '172.18.0.3' : '172.18.0.4' }),
})

describe('kube-proxy in nftables mode', () => {
  it('writes one map for all Services and one chain for each', () => {
    const text = nftList(nftablesRules(view, node).table)
    expect(text).toContain('elements = { 10.96.0.7 . tcp . 80 : goto service-GJQUHOIH-default/svc/tcp/ }')
    expect(text).toContain('dnat ip to numgen random mod 2 map { 0 : 10.244.0.3 . 80, 1 : 10.244.1.2 . 80 }')
  })

  it('sends a client to an endpoint, and says by which rule', () => {
    const connection = connect(machines, CLIENT, '10.96.0.7', 80)
    expect(connection.error).toBeUndefined()
    const rules = connection.hops.flatMap((hop) => (hop.hop === 'rules' ? hop.rules : []))
    expect(rules).toContain('services: ip daddr . meta l4proto . th dport vmap @service-ips')
  })

  it('refuses unknown ports of a ClusterIP, and is silent about addresses that no Service has', () => {
    expect(connect(machines, CLIENT, '10.96.0.7', 81).verdict.outcome).toBe('rejected')
    expect(connect(machines, CLIENT, '10.96.0.8', 80).verdict.outcome).toBe('dropped')
  })

  it('has its node ports on the address of the node only', () => {
    const from = { of: 'machine', node: 'node-1' } as const
    expect(connect(machines, from, '172.18.0.3', 30080).error).toBeUndefined()
    expect(connect(machines, from, '127.0.0.1', 30080).error).toBe('Connection refused')
  })
})

it('a mode that is not modelled is refused with a sentence', () => {
  expect(modeProblem('nftables')).toBeUndefined()
  expect(modeProblem('ipvs')).toContain('not modelled')
})
