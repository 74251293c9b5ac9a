/** What is true of EndpointSlices in every cluster that works. */
import type { EndpointSlice, Pod, Service } from '../../../api/types.generated.ts'
import { always, eventually, type Property, type Violation } from '../../../check/property.ts'
import { storeOf, type World } from '../../../cluster/world.ts'
import { getObject, listObjects, objectsByIndex } from '../../../etcd/store.ts'
import { minutes } from '../../../std/time.ts'
import { isReady } from '../../core/pod/properties.ts'

const readyAddresses = (slices: readonly EndpointSlice[]): readonly string[] =>
  slices.flatMap(({ endpoints }) =>
    (endpoints ?? []).filter(({ conditions }) => conditions?.ready === true).flatMap(({ addresses }) => addresses),
  )

function addressesWanted(world: World, service: Service): readonly string[] {
  const selector = Object.entries(service.spec.selector ?? {})
  const pods = listObjects(storeOf(world), 'pods', service.metadata.namespace) as unknown as Pod[]
  return pods
    .filter(({ metadata }) => selector.every(([name, value]) => metadata.labels?.[name] === value))
    .filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined)
    .flatMap(({ status }) => status?.podIP ?? [])
}

function unlikePods(world: World, service: Service): readonly Violation[] {
  const key = `${service.metadata.namespace}/${service.metadata.name}`
  const slices = objectsByIndex(
    storeOf(world),
    'endpointslices.discovery.k8s.io',
    'service',
    key,
  ) as unknown as EndpointSlice[]
  const [has, wants] = [readyAddresses(slices), addressesWanted(world, service)].map((list) =>
    [...new Set(list)].sort().join(', '),
  )
  return has === wants
    ? []
    : [{ object: `Service ${key}`, says: `its slices lead to [${has}], its ready Pods are [${wants}]` }]
}

export const endpointSliceProperties: readonly Property[] = [
  always('a slice holds at most a hundred endpoints, none of them twice', {
    because: 'slices are small so that a change in one of them is little to send',
    of: 'endpointslices.discovery.k8s.io',
    broken: (object) => {
      const endpoints = (object as unknown as EndpointSlice).endpoints ?? []
      const uids = endpoints.flatMap(({ targetRef }) => targetRef?.uid ?? [])
      if (endpoints.length > 100) return `it has ${endpoints.length}`
      return new Set(uids).size < uids.length ? 'it has a Pod twice' : undefined
    },
  }),
  eventually('every Service with a selector leads to its ready Pods and to no others', {
    because: 'that is the promise behind its name',
    within: minutes(8),
    broken: (world) =>
      (listObjects(storeOf(world), 'services') as unknown as Service[])
        .filter(({ spec }) => Object.keys(spec.selector ?? {}).length > 0 && spec.type !== 'ExternalName')
        .flatMap((service) => unlikePods(world, service)),
  }),
  eventually('no slice is left without its Service', {
    because: 'addresses that nobody keeps up to date lead astray',
    within: minutes(8),
    broken: (world) =>
      listObjects(storeOf(world), 'endpointslices.discovery.k8s.io')
        .filter(({ metadata }) => {
          const name = metadata.labels?.['kubernetes.io/service-name']
          return name !== undefined && !getObject(storeOf(world), 'services', `${metadata.namespace}/${name}`)
        })
        .map(({ metadata }) => ({
          object: `EndpointSlice ${metadata.namespace}/${metadata.name}`,
          says: 'its Service is gone',
        })),
  }),
]
