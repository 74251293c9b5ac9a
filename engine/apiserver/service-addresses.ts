/**
 * Every address of a Service is an object of its own while the Service has it, so that no two Services get the same one, and anybody can
 * see who has which.
 *
 * Upstream: pkg/registry/core/service/ipallocator/ipallocator.go, storage/alloc.go
 * Left out: the controller that repairs addresses which lost their Service.
 */
import type { KubeObject } from '../api/object.ts'
import { getObject, put, remove, type Store } from '../etcd/store.ts'
import type { At } from '../std/at.ts'
import { randomUid } from '../std/draw.ts'
import { timestamp } from '../std/time.ts'
import { indexRules } from './indexes.ts'

const ADDRESSES = 'ipaddresses.networking.k8s.io'

type WithAddresses = KubeObject & { readonly spec?: { readonly clusterIPs?: readonly string[] } }

const NO_ADDRESS = 'None'

const addressesOf = (service: KubeObject | undefined): readonly string[] =>
  ((service as WithAddresses | undefined)?.spec?.clusterIPs ?? []).filter(
    (address) => address && address !== NO_ADDRESS,
  )

function addressObject(address: string, service: KubeObject, at: At): KubeObject {
  const { namespace = '', name } = service.metadata
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: address,
      uid: randomUid(at.draw, ADDRESSES, address, at.now),
      resourceVersion: '',
      creationTimestamp: timestamp(at.now),
      labels: {
        'ipaddress.kubernetes.io/ip-family': address.includes(':') ? 'IPv6' : 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  } as KubeObject
}

function given(store: Store, address: string, service: KubeObject, at: At): Store {
  if (getObject(store, ADDRESSES, address)) return store
  return put(store, indexRules, ADDRESSES, address, addressObject(address, service, at))[0]
}

const returned = (store: Store, address: string): Store => remove(store, indexRules, ADDRESSES, address)

/** The store in which a Service's new addresses are taken, and those that it gave up are free. */
export function addressesAfter(store: Store, old: KubeObject | undefined, service: KubeObject, at: At): Store {
  const before = addressesOf(old)
  const after = addressesOf(service)
  let next = store
  for (const address of after) if (!before.includes(address)) next = given(next, address, service, at)
  for (const address of before) if (!after.includes(address)) next = returned(next, address)
  return next
}

export const addressesGone = (store: Store, service: KubeObject): Store => addressesOf(service).reduce(returned, store)
