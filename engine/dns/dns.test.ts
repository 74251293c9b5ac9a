import { describe, expect, it } from 'vitest'
import { smallService, smallSlice } from '../machine/network/small-cluster.ts'
import { parseCorefile, unknownPlugins } from './corefile.ts'
import type { DnsView } from './dns-view.ts'
import { answerOf, type Query, recordText } from './message.ts'
import { lookUp, nslookup, parseResolvConf } from './resolver.ts'
import { type DnsServer, resolve } from './server.ts'

const COREFILE = `.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa { # names of the cluster
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . /etc/resolv.conf
    cache 30
}
`

const view: DnsView = {
  services: [
    smallService('web', { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }] }),
    smallService('peers', { clusterIP: 'None', ports: [{ port: 80 }] }),
  ],
  endpointSlices: [smallSlice('peers', 80, ['10.244.0.3', '10.244.1.2'])],
  namespaces: ['default'],
}

const server: DnsServer = { view, corefile: COREFILE, upstream: () => answerOf([], [], 'NXDOMAIN') }
const ask = (query: Query) => resolve(server, query)
const texts = (name: string, type: Query['type'] = 'A') => ask({ name, type }).answer.map(recordText)

describe('CoreDNS', () => {
  it("answers a Service's name with its address, and a headless one's with its pods'", () => {
    expect(texts('web.default.svc.cluster.local')).toEqual(['web.default.svc.cluster.local. 30 A 10.96.0.7'])
    expect(texts('peers.default.svc.cluster.local')).toHaveLength(2)
  })

  it('tells a name that does not exist from one that has no such record', () => {
    expect(ask({ name: 'nope.default.svc.cluster.local', type: 'A' }).rcode).toBe('NXDOMAIN')
    expect(ask({ name: 'web.default.svc.cluster.local', type: 'AAAA' })).toMatchObject({ rcode: 'NOERROR', answer: [] })
  })

  it('names the address of an endpoint', () => {
    expect(texts('2.1.244.10.in-addr.arpa', 'PTR')).toEqual([
      '2.1.244.10.in-addr.arpa. 30 PTR 10-244-1-2.peers.default.svc.cluster.local.',
    ])
  })

  it('says which plugins of a Corefile it does not know', () => {
    expect(unknownPlugins(parseCorefile(COREFILE))).toEqual([])
    expect(unknownPlugins(parseCorefile('.:53 {\n  rewrite name a b\n}\n'))).toEqual(['rewrite'])
  })
})

describe('the resolver in a pod', () => {
  const config = parseResolvConf(
    'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  )

  it('finds a short name at once and a long one only after the whole search list', () => {
    expect(lookUp('web', config, ask)).toMatchObject({ addresses: ['10.96.0.7'], asked: { length: 2 } })
    expect(lookUp('web.default.svc.cluster.local', config, ask)).toMatchObject({ asked: { length: 8 } })
  })

  it('asks a name with a final dot as it is', () => {
    expect(lookUp('example.com.', config, ask).asked.map(({ query }) => query.name)).toEqual([
      'example.com.',
      'example.com.',
    ])
  })

  it('as nslookup uses the search list for names without a dot only', () => {
    expect(nslookup('web', config, ask).asked).toHaveLength(6)
    expect(nslookup('web.default', config, ask).asked.map(({ answer }) => answer.rcode)).toEqual([
      'NXDOMAIN',
      'NXDOMAIN',
    ])
  })
})
