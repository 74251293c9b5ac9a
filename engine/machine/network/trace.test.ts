import { describe, expect, it } from 'vitest'
import type { Hop } from './packet.ts'
import { CLIENT, smallCluster, smallService, smallSlice } from './small-cluster.ts'
import { connect, trace } from './trace.ts'

const web = smallService('web', { clusterIP: '10.96.0.7', ports: [{ port: 8080, targetPort: 80 }] })
const far = [smallSlice('web', 80, ['10.244.1.2'])]

const interfaces = (hops: readonly Hop[]): readonly string[] =>
  hops.flatMap((hop) =>
    hop.hop === 'interface' ? [`${hop.node} ${hop.interface.replace(/^veth.*/, 'veth')} ttl ${hop.packet.ttl}`] : [],
  )

describe('a packet to a Service whose pod is on another machine', () => {
  const traced = trace(smallCluster([web], far), { from: CLIENT, protocol: 'tcp', address: '10.96.0.7', port: 8080 })

  it('goes through the bridge, flannel.1 and the wire to the pod, one hop of TTL less on each machine', () => {
    expect(interfaces(traced.hops.slice(0, traced.turn))).toEqual([
      'node-1 eth0 ttl 64',
      'node-1 veth ttl 64',
      'node-1 cni0 ttl 64',
      'node-1 flannel.1 ttl 63',
      'node-1 eth0 ttl 64',
      'node-2 eth0 ttl 64',
      'node-2 flannel.1 ttl 63',
      'node-2 cni0 ttl 62',
      'node-2 veth ttl 62',
      'node-2 eth0 ttl 62',
    ])
  })

  it('names the rule that redirected it', () => {
    const rules = traced.hops.flatMap((hop) => (hop.hop === 'rules' && hop.table === 'nat' ? hop.rules : []))
    expect(rules.find((rule) => rule.includes('DNAT'))).toMatch(/KUBE-SEP-\w+ .*--to-destination 10\.244\.1\.2:80$/)
  })

  it('is answered from the address that was asked', () => {
    const last = traced.hops.findLast((hop) => hop.hop === 'interface')
    expect(last).toMatchObject({ pod: 'client', packet: { source: '10.96.0.7', sourcePort: 8080, note: 'S.' } })
    expect(traced.verdict).toEqual({ outcome: 'answered', words: 'far on node-2 answered' })
  })

  it('is remembered on both machines', () => {
    expect(Object.keys(traced.conntrack)).toEqual(['node-1', 'node-2'])
    expect(traced.conntrack['node-1']![0]!.reply).toMatchObject({ source: '10.244.1.2', destination: '10.244.0.2' })
  })
})

describe('a connection that does not come about', () => {
  const from = (machines: Parameters<typeof connect>[0], port = 8080) => connect(machines, CLIENT, '10.96.0.7', port)

  it('is refused by a rule when the Service has no endpoints', () => {
    const refused = from(smallCluster([web], []))
    expect(refused.error).toBe('Connection refused')
    expect(refused.verdict.words).toContain('default/web has no endpoints')
  })

  it('is refused by the pod when nobody listens on its port', () => {
    const closed = connect(smallCluster([], []), CLIENT, '10.244.1.2', 81)
    expect(closed).toMatchObject({ error: 'Connection refused', verdict: { outcome: 'closed' } })
  })

  it('times out when the link between the machines is cut', () => {
    const cut = from(smallCluster([web], far, { isCut: (a, b) => [a, b].sort().join() === 'node-1,node-2' }))
    expect(cut).toMatchObject({ error: 'Connection timed out', verdict: { outcome: 'lost' } })
  })

  it('finds no route when no pod has the address', () => {
    expect(connect(smallCluster([], []), CLIENT, '10.244.1.99', 80).error).toBe('No route to host')
  })

  it('times out in silence when a policy drops it', () => {
    const dropped = from(
      smallCluster([web], far, { refuses: (way) => (way === 'ingress' ? 'policy says no' : undefined) }),
    )
    expect(dropped).toMatchObject({ error: 'Connection timed out', verdict: { words: 'policy says no' } })
  })
})

describe('the source a pod sees', () => {
  it('is the client itself, unless it is the pod that asks for itself', () => {
    const near = [smallSlice('web', 80, ['10.244.0.3'])]
    expect(connect(smallCluster([web], near), CLIENT, '10.96.0.7', 8080).sourceSeen).toBe('10.244.0.2')
    const itself = connect(smallCluster([web], near), { ...CLIENT, uid: 'near' } as typeof CLIENT, '10.96.0.7', 8080)
    expect(itself.sourceSeen).toBe('10.244.0.1')
  })

  it("is flannel.1's address when a machine's process asks", () => {
    const asked = connect(smallCluster([web], far), { of: 'machine', node: 'node-1' }, '10.96.0.7', 8080)
    expect(asked.sourceSeen).toBe('10.244.0.0')
  })
})

it('a client with session affinity is sent where it was sent before', () => {
  const sticky = smallService('web', { ...web.spec, sessionAffinity: 'ClientIP' })
  const both = [smallSlice('web', 80, ['10.244.0.3', '10.244.1.2'])]
  const machines = smallCluster([sticky], both)
  const first = connect(machines, CLIENT, '10.96.0.7', 8080)
  const remembers = (node: string, endpointChain: string, source: string) =>
    first.remembered.some((m) => m.node === node && m.endpointChain === endpointChain && m.source === source)
  const later = Array.from({ length: 20 }, (_, attempt) =>
    connect({ ...machines, remembers }, CLIENT, '10.96.0.7', 8080, 'tcp', { attempt }),
  )
  expect(new Set(later.map(({ arrivedAt }) => arrivedAt?.address))).toEqual(new Set([first.arrivedAt?.address]))
})
