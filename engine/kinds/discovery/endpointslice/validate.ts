/**
 * What an EndpointSlice may list.
 *
 * Upstream: pkg/apis/discovery/validation/validation.go
 */
import type { Problem } from '../../../api/problem.ts'
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '../../../api/types.generated.ts'
import { type Family, familyOf, ipText, ordinaryIP } from '../../../api/validate/addresses.ts'
import { all, at, type Check, each, FINE, join, like, need, oneOf } from '../../../api/validate/check.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from '../../../api/validate/formats.ts'
import { unchanged } from '../../../api/validate/immutable.ts'
import { PROTOCOLS } from '../../../api/validate/ports.ts'
import { duplicate, invalid, required, tooMany } from '../../../api/validate/problems.ts'
import { labels, labelText } from '../../../api/validate/selectors.ts'

const MOST_ADDRESSES = 100
const MOST_PORTS = 20_000
const MOST_ENDPOINTS = 1000
const MOST_HINTS = 8

/** Upstream reports an address of the wrong family at the list. */
const addressOf =
  (family: Family): Check<string> =>
  (text, path) => {
    const found = familyOf(text)
    if (found === undefined) return ipText(text).map((detail) => invalid(path, text, detail))
    const list = path.slice(0, path.lastIndexOf('['))
    const wrong = found === family ? FINE : [invalid(list, text, `must be an ${family} address`)]
    return join(wrong, ordinaryIP(text, path))
  }

/** A full domain name has a dot in it; one at the end is let pass. */
const domain: Check<string> = (text, path) => {
  if (text === '') return [required(path)]
  const name = text.replace(/\.$/, '')
  const details = dnsSubdomain(name)
  if (details.length > 0) return details.map((detail) => invalid(path, name, detail))
  return name.includes('.')
    ? FINE
    : [invalid(path, name, 'should be a domain with at least two segments separated by dots')]
}

const ADDRESS: Readonly<Record<string, Check<string>>> = {
  IPv4: addressOf('IPv4'),
  IPv6: addressOf('IPv6'),
  FQDN: domain,
}

const addresses =
  (type: string): Check<Endpoint> =>
  (endpoint, path) => {
    const list = endpoint.addresses ?? []
    const field = `${path}.addresses`
    if (list.length === 0) return [required(field, 'must contain at least 1 address')]
    const many = list.length > MOST_ADDRESSES ? [tooMany(field, list.length, MOST_ADDRESSES)] : FINE
    const check = ADDRESS[type]
    return check ? join(many, each(check)(list, field)) : many
  }

interface Named {
  readonly name: string
}

/** Hints name zones or nodes, each once and not too many. */
const hints =
  (format: Check<string>): Check<readonly Named[]> =>
  (list, path) => {
    if (list.length > MOST_HINTS) return [tooMany(path, list.length, MOST_HINTS)]
    const taken = new Set<string>()
    return list.flatMap(({ name = '' }, index) => {
      const field = `${path}[${index}].name`
      if (taken.has(name)) return [duplicate(field, name)]
      taken.add(name)
      return format(name, field)
    })
  }

const endpoint = (type: string): Check<Endpoint> =>
  all<Endpoint>(
    addresses(type),
    at('nodeName', like(dnsSubdomain)),
    at('deprecatedTopology', labels),
    at('hostname', like(dnsLabel)),
    at('hints', all(at('forZones', hints(labelText)), at('forNodes', hints(like(dnsSubdomain))))),
  )

const endpoints = (slice: EndpointSlice): readonly Problem[] => {
  const list = slice.endpoints ?? []
  return list.length > MOST_ENDPOINTS
    ? [tooMany('endpoints', list.length, MOST_ENDPOINTS)]
    : each(endpoint(slice.addressType))(list, 'endpoints')
}

const portRest = all<DiscoveryV1EndpointPort>(
  (port, path) =>
    port.protocol === undefined
      ? [required(`${path}.protocol`)]
      : oneOf(...PROTOCOLS)(port.protocol, `${path}.protocol`),
  at('appProtocol', like(qualifiedName)),
)

const ports: Check<readonly DiscoveryV1EndpointPort[]> = (list, path) => {
  if (list.length > MOST_PORTS) return [tooMany(path, list.length, MOST_PORTS)]
  const taken = new Set<string>()
  return list.flatMap((port, index) => {
    const field = `${path}[${index}]`
    const name = port.name ?? ''
    const wrong = name === '' ? FINE : like(dnsLabel)(name, `${field}.name`)
    const twice = taken.has(name) ? [duplicate(`${field}.name`, name)] : FINE
    taken.add(name)
    return [...wrong, ...twice, ...portRest(port, field)]
  })
}

const addressType = need<EndpointSlice, 'addressType'>('addressType', oneOf('FQDN', 'IPv4', 'IPv6'))

export const validateEndpointSlice = (slice: EndpointSlice): readonly Problem[] => [
  ...addressType(slice, ''),
  ...endpoints(slice),
  ...ports(slice.ports ?? [], 'ports'),
]

export const validateEndpointSliceUpdate = (slice: EndpointSlice, old: EndpointSlice): readonly Problem[] =>
  join(validateEndpointSlice(slice), unchanged('addressType', slice.addressType, old.addressType))
