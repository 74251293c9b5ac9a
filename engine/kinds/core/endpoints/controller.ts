/**
 * Keeps the old Endpoints object of each Service beside its slices, for programs that still read it. One object holds all addresses, which
 * is why slices replaced it.
 *
 * Upstream: pkg/controller/endpoint/endpoints_controller.go
 * Left out: batching of updates (off by default); truncation is by order, not in proportion to the size of each subset.
 */
import { equalJson } from '../../../api/equal.ts'
import { isDeleting, type Key, type KubeObject, keyFor, nameOf, namespaceOf } from '../../../api/object.ts'
import type { Command, Controller, View } from '../../../client/controller.ts'
import { create, note, remove, update } from '../../../controllers/ask.ts'
import { keysOfPod } from '../../discovery/endpointslice/controller.ts'
import { HEADLESS, isHeadless, type Service, TRIGGER_TIME } from '../../discovery/endpointslice/endpointslice.ts'
import { podsOf } from '../../discovery/endpointslice/selection.ts'
import { type SeenTimes, triggerOf } from '../../discovery/endpointslice/trigger-time.ts'
import { type Subset, subsetsOf, truncated } from './subsets.ts'

interface Endpoints extends KubeObject {
  readonly subsets?: readonly Subset[]
}

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'

/** The Service's labels, but the two that the controller answers for. */
function labelsFor(service: Service): Readonly<Record<string, string>> {
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {}
  return { ...labels, [MANAGED_BY]: 'endpoint-controller', ...(isHeadless(service) && { [HEADLESS]: '' }) }
}

function annotationsFor(old: Endpoints | undefined, time: string | undefined, isTruncated: boolean) {
  const { [TRIGGER_TIME]: _, [OVER_CAPACITY]: __, ...others } = old?.metadata.annotations ?? {}
  return {
    ...others,
    ...(time !== undefined && { [TRIGGER_TIME]: time }),
    ...(isTruncated && { [OVER_CAPACITY]: 'truncated' }),
  }
}

function wanted(service: Service, old: Endpoints | undefined, subsets: readonly Subset[], time: string | undefined) {
  const kept = truncated(subsets)
  const annotations = annotationsFor(old, time, kept !== subsets)
  const { annotations: _, ...metadata } = old?.metadata ?? {
    name: service.metadata.name,
    namespace: service.metadata.namespace ?? '',
  }
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...metadata,
      labels: labelsFor(service),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    ...(kept.length > 0 && { subsets: kept }),
  }
}

function write(service: Service, old: Endpoints | undefined, subsets: readonly Subset[], time: string | undefined) {
  const { name, namespace } = service.metadata
  const place = `${namespace}/${name}`
  const body = wanted(service, old, subsets, time)
  const about = (old ?? body) as KubeObject
  if (old) {
    const message = `Failed to update endpoint ${place}: %s`
    return update('endpoints', body as unknown as KubeObject, {
      onRefusal: note(about, 'Warning', 'FailedToUpdateEndpoint', message),
    })
  }
  const message = `Failed to create endpoint for service ${place}: %s`
  return create('endpoints', namespace, body, { onRefusal: note(about, 'Warning', 'FailedToCreateEndpoint', message) })
}

const isRight = (old: Endpoints, service: Service, subsets: readonly Subset[]): boolean =>
  equalJson(old.subsets ?? [], truncated(subsets)) && equalJson(old.metadata.labels, labelsFor(service))

function forget(view: View, key: Key, memory: unknown): readonly Command[] {
  const left = view.get<Endpoints>('endpoints', key)
  const gone = left?.metadata.labels?.[MANAGED_BY] ? [remove('endpoints', left)] : []
  return memory === undefined ? gone : [{ do: 'remember', value: undefined }, ...gone]
}

function reconcile(view: View, key: Key, memory: unknown): readonly Command[] {
  const service = view.get<Service>('services', key)
  if (!service) return forget(view, key, memory)
  if (!service.spec.selector || service.spec.type === 'ExternalName' || isDeleting(service)) return []
  const pods = podsOf(view, service)
  const trigger = triggerOf(service, pods, memory as SeenTimes | undefined)
  const subsets = subsetsOf(service, pods)
  const old = view.get<Endpoints>('endpoints', keyFor(namespaceOf(key), nameOf(key)))
  const remembering: Command = { do: 'remember', value: trigger.seen }
  if (old && isRight(old, service, subsets)) return [remembering]
  return [remembering, write(service, old, subsets, trigger.time)]
}

export const endpointsController: Controller = {
  name: 'endpoint-controller',
  workers: 5,
  watches: {
    services: ({ key }) => [key],
    pods: keysOfPod,
    endpoints: ({ key, after }) => (after ? [] : [key]),
  },
  reconcile,
}
