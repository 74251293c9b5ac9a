/**
 * Where a container sees the Pod's volumes: as directories, or as raw devices.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateVolumeMounts, ValidateVolumeDevices)
 */
import type { Problem } from '../../../api/problem.ts'
import type { Container, VolumeDevice, VolumeMount } from '../../../api/types.generated.ts'
import { type Check, FINE, filled } from '../../../api/validate/check.ts'
import { localPath } from '../../../api/validate/paths.ts'
import { forbidden, invalid, notFound, notSupported, required } from '../../../api/validate/problems.ts'
import type { SpecContext } from './spec-context.ts'

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']

/** Upstream names the list, not the item, in what concerns sub-paths, propagation and read-only. */
function propagation({ mountPropagation: mode }: VolumeMount, container: Container, path: string): readonly Problem[] {
  if (mode === undefined) return FINE
  if (!PROPAGATIONS.includes(mode)) return [notSupported(path, mode, PROPAGATIONS)]
  return mode === 'Bidirectional' && !container.securityContext?.privileged
    ? [forbidden(path, 'Bidirectional mount propagation is available only to privileged containers')]
    : FINE
}

const READ_ONLY = ['Disabled', 'Enabled', 'IfPossible']

function recursiveReadOnly(mount: VolumeMount, path: string): readonly Problem[] {
  const { recursiveReadOnly: mode, mountPropagation } = mount
  if (mode === undefined || mode === 'Disabled') return FINE
  if (!READ_ONLY.includes(mode)) return [notSupported(path, mode, READ_ONLY)]
  return [
    ...(mount.readOnly ? [] : [forbidden(path, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === undefined || mountPropagation === 'None'
      ? []
      : [forbidden(path, 'may only be specified when mountPropagation is None or not specified')]),
  ]
}

function subPaths(mount: VolumeMount, path: string, listPath: string, ofImage: boolean): readonly Problem[] {
  const { subPath, subPathExpr } = mount
  const fields = ['subPath', 'subPathExpr'] as const
  const inImage = ofImage
    ? fields.flatMap((name) =>
        mount[name] ? [invalid(`${path}.${name}`, mount[name], 'not allowed in image volume sources')] : [],
      )
    : FINE
  const both =
    subPath && subPathExpr
      ? [invalid(`${path}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
      : FINE
  return [
    ...inImage,
    ...filled<VolumeMount, 'subPath'>('subPath', localPath)(mount, listPath),
    ...both,
    ...filled<VolumeMount, 'subPathExpr'>('subPathExpr', localPath)(mount, listPath),
  ]
}

function mountName({ name }: VolumeMount, path: string, { volumes }: SpecContext): readonly Problem[] {
  const problems = name ? FINE : [required(`${path}.name`)]
  return volumes.has(name) ? problems : [...problems, notFound(`${path}.name`, name ?? '')]
}

interface Taken {
  readonly names: ReadonlySet<string>
  readonly paths: ReadonlySet<string>
}

const devicesOf = ({ volumeDevices = [] }: Container): Taken => ({
  names: new Set(volumeDevices.map(({ name }) => name)),
  paths: new Set(volumeDevices.map(({ devicePath }) => devicePath)),
})

const mountsOf = ({ volumeMounts = [] }: Container): Taken => ({
  names: new Set(volumeMounts.map(({ name }) => name)),
  paths: new Set(volumeMounts.map(({ mountPath }) => mountPath)),
})

const when = (holds: boolean, problem: () => Problem): readonly Problem[] => (holds ? [problem()] : FINE)

export const volumeMounts =
  (context: SpecContext, container: Container): Check<readonly VolumeMount[]> =>
  (mounts, listPath) => {
    const points = new Set<string>()
    const devices = devicesOf(container)
    return mounts.flatMap((mount, index) => {
      const path = `${listPath}[${index}]`
      const { name, mountPath = '' } = mount
      const twice = points.has(mountPath)
      points.add(mountPath)
      return [
        ...mountName(mount, path, context),
        ...when(mountPath === '', () => required(`${path}.mountPath`)),
        ...when(twice, () => invalid(`${path}.mountPath`, mountPath, 'must be unique')),
        ...when(devices.names.has(name), () =>
          invalid(`${path}.name`, name, 'must not already exist in volumeDevices'),
        ),
        ...when(devices.paths.has(mountPath), () =>
          invalid(`${path}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'),
        ),
        ...subPaths(mount, path, listPath, context.volumes.get(name)?.image !== undefined),
        ...propagation(mount, container, `${listPath}.mountPropagation`),
        ...recursiveReadOnly(mount, `${listPath}.recursiveReadOnly`),
      ]
    })
  }

const BLOCK = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'

function deviceName(name: string, path: string, { volumes }: SpecContext, twice: boolean): readonly Problem[] {
  const volume = volumes.get(name)
  const isBlock = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined
  return [
    ...when(name === '', () => required(path)),
    ...when(twice, () => invalid(path, name, 'must be unique')),
    ...when(volume !== undefined && !isBlock, () => invalid(path, name, BLOCK)),
    ...when(volume === undefined, () => notFound(path, name)),
  ]
}

function devicePath(value: string, path: string, taken: Set<string>): readonly Problem[] {
  const twice = taken.has(value)
  const backsteps = value.split('/').includes('..')
  if (!backsteps) taken.add(value)
  return [
    ...when(value === '', () => required(path)),
    ...when(twice, () => invalid(path, value, 'must be unique')),
    ...when(backsteps, () => invalid(path, value, "can not contain backsteps ('..')")),
  ]
}

export const volumeDevices =
  (context: SpecContext, container: Container): Check<readonly VolumeDevice[]> =>
  (devices, listPath) => {
    const names = new Set<string>()
    const paths = new Set<string>()
    const mounts = mountsOf(container)
    return devices.flatMap(({ name = '', devicePath: place = '' }, index) => {
      const path = `${listPath}[${index}]`
      const found = [
        ...deviceName(name, `${path}.name`, context, names.has(name)),
        ...devicePath(place, `${path}.devicePath`, paths),
        ...when(mounts.names.has(name), () => invalid(`${path}.name`, name, 'must not already exist in volumeMounts')),
        ...when(mounts.paths.has(place), () =>
          invalid(`${path}.devicePath`, place, 'must not already exist as a path in volumeMounts'),
        ),
      ]
      if (name) names.add(name)
      return found
    })
  }
