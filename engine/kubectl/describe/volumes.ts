/**
 * Volumes in a description: what each is filled from.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go
 * Left out: sources of single vendors, which print their type only.
 */

import { parseQuantity } from '../../std/quantity.ts'
import { isMap, type TreeMap } from '../../std/tree.ts'
import { field, line, listAt, textAt } from './text.ts'

type Source = (source: TreeMap) => readonly (readonly [title: string, value: string])[]

const yes = (value: unknown): string => String(value === true)

const sizeLimit = (source: TreeMap): string => {
  const limit = textAt(source, 'sizeLimit')
  const quantity = limit ? parseQuantity(limit) : undefined
  return quantity && Number(quantity.amount) > 0 ? limit : '<unset>'
}

/** Each source: its sentence, then its fields. */
const SOURCES: Readonly<Record<string, Source>> = {
  hostPath: (source) => [
    ['Type', 'HostPath (bare host directory volume)'],
    ['Path', textAt(source, 'path')],
    ['HostPathType', source.type === undefined ? '<none>' : textAt(source, 'type')],
  ],
  emptyDir: (source) => [
    ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
    ['Medium', textAt(source, 'medium')],
    ['SizeLimit', sizeLimit(source)],
  ],
  secret: (source) => [
    ['Type', 'Secret (a volume populated by a Secret)'],
    ['SecretName', textAt(source, 'secretName')],
    ['Optional', yes(source.optional)],
  ],
  configMap: (source) => [
    ['Type', 'ConfigMap (a volume populated by a ConfigMap)'],
    ['Name', textAt(source, 'name')],
    ['Optional', yes(source.optional)],
  ],
  nfs: (source) => [
    ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
    ['Server', textAt(source, 'server')],
    ['Path', textAt(source, 'path')],
    ['ReadOnly', yes(source.readOnly)],
  ],
  persistentVolumeClaim: (source) => [
    ['Type', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)'],
    ['ClaimName', textAt(source, 'claimName')],
    ['ReadOnly', yes(source.readOnly)],
  ],
  csi: (source) => [
    ['Type', 'CSI (a Container Storage Interface (CSI) volume source)'],
    ['Driver', textAt(source, 'driver')],
    ['FSType', textAt(source, 'fsType')],
    ['ReadOnly', yes(source.readOnly)],
  ],
  image: (source) => [
    ['Type', 'Image (a container image or OCI artifact)'],
    ['Reference', textAt(source, 'reference')],
    ['PullPolicy', textAt(source, 'pullPolicy')],
  ],
}

function projectedLines(source: TreeMap): string {
  const rows = listAt(source, 'sources').map((one) => {
    if (isMap(one.secret))
      return line(2, `SecretName:\t${textAt(one.secret, 'name')}`) + line(2, `Optional:\t${yes(one.secret.optional)}`)
    if (isMap(one.downwardAPI)) return line(2, 'DownwardAPI:\ttrue')
    if (isMap(one.configMap))
      return (
        line(2, `ConfigMapName:\t${textAt(one.configMap, 'name')}`) +
        line(2, `Optional:\t${yes(one.configMap.optional)}`)
      )
    return isMap(one.serviceAccountToken)
      ? line(2, `TokenExpirationSeconds:\t${textAt(one.serviceAccountToken, 'expirationSeconds')}`)
      : ''
  })
  return line(2, 'Type:\tProjected (a volume that contains injected data from multiple sources)') + rows.join('')
}

function downwardLines(source: TreeMap): string {
  const rows = listAt(source, 'items').flatMap((item) => [
    ...(isMap(item.fieldRef) ? [line(3, `${textAt(item.fieldRef, 'fieldPath')} -> ${textAt(item, 'path')}`)] : []),
    ...(isMap(item.resourceFieldRef)
      ? [line(3, `${textAt(item.resourceFieldRef, 'resource')} -> ${textAt(item, 'path')}`)]
      : []),
  ])
  return `${line(2, 'Type:\tDownwardAPI (a volume populated by information about the pod)')}${line(2, 'Items:')}${rows.join('')}`
}

function ephemeralLines(source: TreeMap): string {
  const template = source.volumeClaimTemplate
  const title = line(
    2,
    'Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
  )
  if (!isMap(template)) return title
  return [title, line(2, `StorageClass:\t${textAt(template, 'spec', 'storageClassName')}`), line(2, 'Volume:\t')].join(
    '',
  )
}

function sourceLines(volume: TreeMap): string {
  if (isMap(volume.projected)) return projectedLines(volume.projected)
  if (isMap(volume.downwardAPI)) return downwardLines(volume.downwardAPI)
  if (isMap(volume.ephemeral)) return ephemeralLines(volume.ephemeral)
  const kind = Object.keys(SOURCES).find((name) => isMap(volume[name]))
  if (!kind) return line(1, '<unknown>')
  return SOURCES[kind]!(volume[kind] as TreeMap)
    .map(([title, value]) => line(2, `${title}:\t${value}`))
    .join('')
}

/** `space` is what stands before the title inside a template. */
export function volumesText(volumes: readonly TreeMap[], space = ''): string {
  if (volumes.length === 0) return space + field('Volumes', '<none>')
  const rows = volumes.map((volume) => line(1, `${space ? ' ' : ''}${textAt(volume, 'name')}:`) + sourceLines(volume))
  return `${space}Volumes:\n${rows.join('')}`
}
