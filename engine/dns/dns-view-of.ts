/** What CoreDNS has seen: a store as of the last delivery to it. The same objects give the same view. */
import { collectionOf, type Store } from '../etcd/store.ts'
import type { EndpointSlice, Service } from '../machine/proxy/objects.ts'
import { sortedKeys, sortedValues } from '../std/sorted.ts'
import type { DnsView } from './dns-view.ts'

interface Remembered {
  readonly slices: object
  readonly namespaces: object
  readonly view: DnsView
}

const byServices = new WeakMap<object, Remembered>()

export function dnsViewOf(seen: Store): DnsView {
  const services = collectionOf(seen, 'services').objects
  const slices = collectionOf(seen, 'endpointslices.discovery.k8s.io').objects
  const namespaces = collectionOf(seen, 'namespaces').objects
  const known = byServices.get(services)
  if (known?.slices === slices && known.namespaces === namespaces) return known.view
  const view: DnsView = {
    services: sortedValues(services) as Service[],
    endpointSlices: sortedValues(slices) as EndpointSlice[],
    namespaces: sortedKeys(namespaces),
    serial: seen.revision,
  }
  byServices.set(services, { slices, namespaces, view })
  return view
}
