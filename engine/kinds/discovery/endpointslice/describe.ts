/** What `kubectl describe endpointslice` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { type Describe, eventsAbout } from '../../../kubectl/describe/describer.ts'
import { eventLines, field, headText, line, listAt, orNone, textAt } from '../../../kubectl/describe/text.ts'
import type { TreeMap } from '../../../std/tree.ts'

const orUnset = (text: string): string => text || '<unset>'

function portsText(slice: TreeMap): string {
  const ports = listAt(slice, 'ports')
  if (ports.length === 0) return 'Ports: <unset>\n'
  const rows = ports.map((port) =>
    line(1, [orUnset(textAt(port, 'name')), orUnset(textAt(port, 'port')), textAt(port, 'protocol')].join('\t')),
  )
  return `Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------\n${rows.join('')}`
}

function endpointText(endpoint: TreeMap): string {
  const target = textAt(endpoint, 'targetRef', 'name')
  return [
    line(1, `- Addresses:\t${orNone(listAt(endpoint, 'addresses').join(', '))}`),
    line(2, 'Conditions:'),
    line(3, `Ready:\t${orUnset(textAt(endpoint, 'conditions', 'ready'))}`),
    line(2, `Hostname:\t${orUnset(textAt(endpoint, 'hostname'))}`),
    target ? line(2, `TargetRef:\t${textAt(endpoint, 'targetRef', 'kind')}/${target}`) : '',
    line(2, `NodeName:\t${orUnset(textAt(endpoint, 'nodeName'))}`),
    line(2, `Zone:\t${orUnset(textAt(endpoint, 'zone'))}`),
  ].join('')
}

export const describeEndpointSlice: Describe = (request) => {
  const { object: slice, nowUnix } = request
  const endpoints = listAt(slice, 'endpoints')
  return [
    headText(slice),
    field('AddressType', textAt(slice, 'addressType')),
    portsText(slice),
    endpoints.length === 0 ? 'Endpoints: <none>\n' : `Endpoints:\n${endpoints.map(endpointText).join('')}`,
    eventLines(eventsAbout(request), nowUnix),
  ].join('')
}
