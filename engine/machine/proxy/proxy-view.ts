/**
 * What kube-proxy has seen: a store as of the last delivery to it. As long as neither Services nor EndpointSlices
 * changed in it, the view is the same object, and so are the rules made of it.
 */
import { collectionOf, type Store } from '../../etcd/store.ts'
import { sortedValues } from '../../std/sorted.ts'
import type { EndpointSlice, ProxyView, Service } from './objects.ts'

const views = new WeakMap<object, WeakMap<object, ProxyView>>()

export function proxyViewOf(seen: Store): ProxyView {
  const services = collectionOf(seen, 'services').objects
  const slices = collectionOf(seen, 'endpointslices.discovery.k8s.io').objects
  const known = views.get(services)?.get(slices)
  if (known) return known
  const view: ProxyView = {
    services: sortedValues(services) as Service[],
    endpointSlices: sortedValues(slices) as EndpointSlice[],
  }
  const perSlices = views.get(services) ?? new WeakMap<object, ProxyView>()
  views.set(services, perSlices.set(slices, view))
  return view
}
