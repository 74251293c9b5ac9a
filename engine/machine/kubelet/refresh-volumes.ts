/**
 * ConfigMaps and Secrets that changed reach the volumes made of them, though not at once: the kubelet looks at a pod's volumes about
 * once a minute, and its own cache may be as old again. Environment variables and subPath mounts never follow.
 *
 * Upstream: pkg/kubelet/volumemanager, pkg/kubelet/util/manager
 */

import { nameOf, namespaceOf } from '../../api/object.ts'
import type { Volume } from '../../api/types.generated.ts'
import type { Change } from '../../client/controller.ts'
import { visitSorted } from '../../std/sorted.ts'
import { type Millis, seconds } from '../../std/time.ts'
import { after, type Turn } from '../turn.ts'
import { isRendered, renderVolume } from './mount-volumes.ts'
import type { PodRecord } from './pod-record.ts'
import { wakeProbes } from './probes.ts'

const LEAST: Millis = seconds(60)
const SPREAD: Millis = seconds(30)

function uses(volume: Volume, resource: string, name: string): boolean {
  const { configMap, secret, projected } = volume
  if (resource === 'configmaps' && configMap?.name === name) return true
  if (resource === 'secrets' && secret?.secretName === name) return true
  return (projected?.sources ?? []).some(
    (source) => (resource === 'configmaps' ? source.configMap?.name : source.secret?.name) === name,
  )
}

const usesAny = ({ pod }: PodRecord, resource: string, namespace: string | undefined, name: string): boolean =>
  pod.metadata.namespace === namespace && (pod.spec.volumes ?? []).some((volume) => uses(volume, resource, name))

/** Something that volumes are made of has changed: they follow in a minute or more. */
export function refreshVolumes(turn: Turn, { resource, key }: Change): void {
  const namespace = namespaceOf(key)
  const name = nameOf(key)
  visitSorted(turn.machine.pods, (record, uid) => {
    if (record.mounted && usesAny(record, resource, namespace, name)) {
      const delay = LEAST + Math.floor(turn.at.draw('volumes', uid, turn.at.now) * SPREAD)
      after(turn, delay, { type: 'volumes/refreshed', pod: uid })
    }
    return true
  })
}

const follows = (volume: Volume): boolean => isRendered(volume) && !volume.name.startsWith('kube-api-access-')

export function onVolumesRefreshed(turn: Turn, record: PodRecord): PodRecord {
  const volumes = { ...record.volumes }
  for (const volume of (record.pod.spec.volumes ?? []).filter(follows)) {
    const files = renderVolume(turn, record, volume)
    if (files) volumes[volume.name] = files
  }
  return wakeProbes(turn, { ...record, volumes })
}
