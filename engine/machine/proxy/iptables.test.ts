import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printRule } from '../network/iptables-save.ts'
import { smallService, smallSlice } from '../network/small-cluster.ts'
import { iptablesRules } from './iptables.ts'
import type { ProxyView } from './objects.ts'

const node = { name: 'node-1', address: '172.18.0.3', clusterCidr: '10.244.0.0/16' }
const service = smallService('svc', { clusterIP: '10.96.216.31', ports: [{ port: 80 }] })
const CHAIN = 'KUBE-SVC-OCO5LXEQ3LIV3PEO'

describe('the rules of a Service', () => {
  it('have the names and the text that kube-proxy gives them', () => {
    const { nat } = iptablesRules(
      { services: [service], endpointSlices: [smallSlice('svc', 80, ['10.244.0.3'])] },
      node,
    )
    expect(nat[CHAIN]!.map((rule) => printRule(CHAIN, rule))).toEqual([
      `-A ${CHAIN} ! -s 10.244.0.0/16 -d 10.96.216.31/32 -p tcp -m comment --comment "default/svc cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ`,
      `-A ${CHAIN} -m comment --comment "default/svc -> 10.244.0.3:80" -j KUBE-SEP-QVGWMBG6DTXQGBKK`,
    ])
  })

  it('give every endpoint the same chance, however many there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
        const addresses = Array.from({ length: count }, (_, i) => `10.244.0.${i + 2}`)
        const { nat } = iptablesRules({ services: [service], endpointSlices: [smallSlice('svc', 80, addresses)] }, node)
        let left = 1
        for (const { matches } of nat[CHAIN]!.slice(1)) {
          const share = matches.find((match) => match.match === 'statistic')?.share ?? 0x80000000
          const chance = (left * share) / 0x80000000
          expect(chance).toBeCloseTo(1 / count, 6)
          left -= chance
        }
        expect(left).toBeCloseTo(0, 6)
      }),
    )
  })

  it('are the same objects while nothing the proxy knows has changed', () => {
    const view: ProxyView = { services: [service], endpointSlices: [smallSlice('svc', 80, ['10.244.0.3'])] }
    expect(iptablesRules(view, node)).toBe(iptablesRules(view, node))
    const other = smallService('other', { clusterIP: '10.96.0.9', ports: [{ port: 80 }] })
    const after = iptablesRules({ ...view, services: [service, other] }, node)
    expect(after.nat[CHAIN]).toBe(iptablesRules(view, node).nat[CHAIN])
  })

  it('refuse in the filter table without endpoints, and drop when only other machines have one', () => {
    const none = iptablesRules({ services: [service], endpointSlices: [] }, node)
    expect(printRule('KUBE-SERVICES', none.filter['KUBE-SERVICES']![0]!)).toMatch(/has no endpoints.* -j REJECT/)
    const local = smallService('svc', { ...service.spec, internalTrafficPolicy: 'Local' })
    const elsewhere = iptablesRules(
      { services: [local], endpointSlices: [smallSlice('svc', 80, ['10.244.1.3'])] },
      node,
    )
    expect(printRule('KUBE-SERVICES', elsewhere.filter['KUBE-SERVICES']![0]!)).toMatch(/no local endpoints.* -j DROP/)
  })
})
