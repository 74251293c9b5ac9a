/**
 * Volumes of a pod, made ready before its sandbox: an empty directory, the contents of a ConfigMap or Secret, what the pod
 * may know about itself, or a directory of the machine. A source that is missing holds the pod back.
 *
 * Upstream: pkg/volume/{emptydir,configmap,secret,projected,downwardapi,hostpath}, pkg/kubelet/volumemanager
 * Left out: volumes of storage drivers and PersistentVolumeClaims, size limits, images as volumes.
 */
import type { KeyToPath, Pod, Volume, VolumeProjection } from '../../api/types.generated.ts'
import { textOfBase64 } from '../../std/base64.ts'
import { getSorted, hasSorted, setSorted } from '../../std/sorted.ts'
import { timestamp } from '../../std/time.ts'
import { allocatableEphemeral, allocatableMemory } from '../node-status.ts'
import {
  directory,
  type FileNode,
  type Files,
  link,
  noFiles,
  normalPath,
  parentOf,
  textFile,
} from '../runtime/file-tree.ts'
import { readySandbox } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { containerNamed } from './container-kind.ts'
import { type DataHolder, isMissing, type MissingReference } from './environment.ts'
import { type FieldContext, fieldValue, resourceValue } from './field-reference.ts'
import type { PodRecord } from './pod-record.ts'

export interface MountProblem {
  readonly volume: string
  readonly message: string
}

const problem = (message: string): MissingReference => ({ problem: message })

/** Kinds whose source may be missing. */
const NEEDS_LOOKING: readonly (keyof Volume)[] = ['configMap', 'secret', 'hostPath', 'projected']

const ALWAYS_THERE: ReadonlySet<string> = new Set(['name', 'emptyDir', 'downwardAPI', ...NEEDS_LOOKING])

/** The kind of a volume that is not modelled. */
const unknownKind = (volume: Volume): string | undefined =>
  Object.keys(volume).find((field) => !ALWAYS_THERE.has(field))

/** The token, the cluster's certificate and the namespace that every pod is given: always there. */
const isServiceAccountVolume = ({ name }: Volume): boolean => name.startsWith('kube-api-access-')

/** Why the first volume that cannot be mounted cannot. */
export function mountProblem(turn: Turn, pod: Pod): MountProblem | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const unknown = unknownKind(volume)
    if (unknown) return { volume: volume.name, message: `kubefold does not model ${unknown} volumes on machines` }
    if (isServiceAccountVolume(volume) || !NEEDS_LOOKING.some((kind) => volume[kind] !== undefined)) continue
    const found = volume.hostPath ? hostPathProblem(turn, volume.hostPath) : contentProblem(turn, pod, volume)
    if (found) return { volume: volume.name, message: found.problem }
  }
  return undefined
}

function contentProblem(turn: Turn, pod: Pod, volume: Volume): MissingReference | undefined {
  const content = contentOf(turn, contextFor(turn, pod, ''), volume)
  return isMissing(content) ? content : undefined
}

type HostPath = NonNullable<Volume['hostPath']>

const KIND_NAMES: Readonly<Record<string, string>> = {
  Directory: 'directory',
  File: 'file',
  Socket: 'socket file',
  CharDevice: 'character device',
  BlockDevice: 'block device',
}

const matchesType = (node: FileNode | undefined, type: string): boolean =>
  (type === 'Directory' && node?.kind === 'directory') || (type === 'File' && node?.kind === 'file')

function hostPathProblem(turn: Turn, { path, type }: HostPath): MissingReference | undefined {
  const kind = type && KIND_NAMES[type]
  if (!kind || matchesType(hostNode(turn, path), type)) return undefined
  return problem(`hostPath type check failed: ${path} is not a ${kind}`)
}

/** Directories that every machine has, whatever else was put there. */
const HOST_DIRECTORIES: ReadonlySet<string> = new Set([
  '',
  '/etc',
  '/var',
  '/var/log',
  '/tmp',
  '/srv',
  '/home',
  '/root',
  '/opt',
  '/usr',
  '/run',
  '/dev',
  '/mnt',
  '/proc',
  '/sys',
  '/var/lib',
  '/var/lib/kubelet',
  '/boot',
])
const HOST_FILES: Readonly<Record<string, (turn: Turn) => string>> = {
  '/etc/hostname': ({ machine }) => `${machine.name}\n`,
  '/etc/machine-id': ({ machine }) => `${machine.identity.machineId}\n`,
}

export function hostNode(turn: Turn, path: string): FileNode | undefined {
  const plain = normalPath(path)
  const found = getSorted(turn.machine.files, plain)
  if (found) return found
  if (HOST_DIRECTORIES.has(plain)) return directory()
  const text = HOST_FILES[plain]
  return text && textFile(text(turn))
}

/** What a hostPath type makes when there is nothing. */
function makeHostPath(turn: Turn, { path, type }: HostPath): void {
  const plain = normalPath(path)
  if (hostNode(turn, plain)) {
    if (!hasSorted(turn.machine.files, plain)) putHost(turn, plain, hostNode(turn, plain)!)
    return
  }
  if (type === 'FileOrCreate') putHost(turn, plain, textFile('', 0o644, turn.at.now))
  else
    for (const part of ancestors(plain)) if (!hostNode(turn, part)) putHost(turn, part, directory(0o755, turn.at.now))
}

const ancestors = (path: string): readonly string[] => (path === '' ? [] : [...ancestors(parentOf(path)), path])

const putHost = (turn: Turn, path: string, node: FileNode): void => {
  turn.machine = { ...turn.machine, files: setSorted(turn.machine.files, path, node) }
}

export const contextFor = (turn: Turn, pod: Pod, podIp: string): FieldContext => ({
  pod,
  podIp,
  hostIp: turn.machine.identity.address,
  allocatable: {
    ...turn.machine.capacity,
    memoryBytes: allocatableMemory(turn.machine),
    ephemeralBytes: allocatableEphemeral(turn.machine),
  },
})

/** Path within the volume → text and mode. */
type Content = ReadonlyMap<string, { readonly text: string; readonly mode: number }>

const NOTHING: Content = new Map()

function itemsOf(
  data: Readonly<Record<string, string>>,
  items: readonly KeyToPath[] | undefined,
  mode: number,
): Content | string {
  if (!items) return new Map(Object.entries(data).map(([key, text]) => [key, { text, mode }]))
  const content = new Map<string, { text: string; mode: number }>()
  for (const item of items) {
    const text = data[item.key]
    if (text === undefined) return item.key
    content.set(item.path, { text, mode: item.mode ?? mode })
  }
  return content
}

interface HeldSource {
  readonly name: string
  readonly optional: boolean
  readonly items: readonly KeyToPath[] | undefined
}

const decodedData = ({ data = {} }: DataHolder): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, textOfBase64(value)]))

function held(
  turn: Turn,
  pod: Pod,
  kind: 'configmap' | 'secret',
  { name, optional, items }: HeldSource,
  mode: number,
): Content | MissingReference {
  const object = turn.at.view.get<DataHolder>(`${kind}s`, `${pod.metadata.namespace}/${name}`)
  if (!object) return optional ? NOTHING : problem(`${kind} "${name}" not found`)
  const data = kind === 'secret' ? decodedData(object) : (object.data ?? {})
  const content = itemsOf(data, items, mode)
  if (typeof content !== 'string') return content
  return optional
    ? NOTHING
    : problem(
        `${kind === 'secret' ? 'references' : 'configmap references'} non-existent ${kind === 'secret' ? 'secret' : 'config'} key: ${content}`,
      )
}

type DownwardItems = NonNullable<NonNullable<Volume['downwardAPI']>['items']>

function downward(items: DownwardItems | undefined, context: FieldContext, mode: number): Content {
  const content = new Map<string, { text: string; mode: number }>()
  for (const { path, fieldRef, resourceFieldRef, mode: own } of items ?? []) {
    const container = resourceFieldRef && containerNamed(context.pod, resourceFieldRef.containerName ?? '')
    const text = fieldRef
      ? fieldValue(fieldRef.fieldPath, context)
      : container
        ? resourceValue(resourceFieldRef!, container, context)
        : ''
    content.set(path, { text, mode: own ?? mode })
  }
  return content
}

/** A token that no one can check; it says whose it is. */
const tokenFor = ({ pod }: FieldContext, audience: string | undefined): string =>
  `kubefold.${pod.metadata.namespace}.${pod.spec.serviceAccountName ?? 'default'}.${audience ?? 'api'}.${pod.metadata.uid}`

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nkubefold\n-----END CERTIFICATE-----\n'

function projection(
  turn: Turn,
  context: FieldContext,
  source: VolumeProjection,
  mode: number,
): Content | MissingReference {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  if (
    configMap?.name === 'kube-root-ca.crt' &&
    !turn.at.view.get('configmaps', `${context.pod.metadata.namespace}/kube-root-ca.crt`)
  )
    return new Map([['ca.crt', { text: CERTIFICATE, mode }]])
  if (configMap)
    return held(
      turn,
      context.pod,
      'configmap',
      { name: configMap.name ?? '', optional: configMap.optional ?? false, items: configMap.items },
      mode,
    )
  if (secret)
    return held(
      turn,
      context.pod,
      'secret',
      { name: secret.name ?? '', optional: secret.optional ?? false, items: secret.items },
      mode,
    )
  if (serviceAccountToken)
    return new Map([[serviceAccountToken.path, { text: tokenFor(context, serviceAccountToken.audience), mode }]])
  return downward(downwardAPI?.items, context, mode)
}

function projected(turn: Turn, context: FieldContext, volume: Volume): Content | MissingReference {
  const content = new Map<string, { text: string; mode: number }>()
  for (const source of volume.projected?.sources ?? []) {
    const part = projection(turn, context, source, volume.projected?.defaultMode ?? 0o644)
    if (isMissing(part)) return part
    for (const [path, file] of part) content.set(path, file)
  }
  return content
}

function contentOf(turn: Turn, context: FieldContext, volume: Volume): Content | MissingReference {
  const { configMap, secret, downwardAPI } = volume
  if (configMap)
    return held(
      turn,
      context.pod,
      'configmap',
      { name: configMap.name ?? '', optional: configMap.optional ?? false, items: configMap.items },
      configMap.defaultMode ?? 0o644,
    )
  if (secret)
    return held(
      turn,
      context.pod,
      'secret',
      { name: secret.secretName ?? '', optional: secret.optional ?? false, items: secret.items },
      secret.defaultMode ?? 0o644,
    )
  if (downwardAPI) return downward(downwardAPI.items, context, downwardAPI.defaultMode ?? 0o644)
  return projected(turn, context, volume)
}

/** `..2026_01_05_09_00_03.1234567890` */
function hiddenName(turn: Turn, uid: string): string {
  const { now, draw } = turn.at
  const time = timestamp(now).slice(0, -1).replace(/[-:T]/g, '_')
  return `..${time}.${1_000_000_000 + Math.floor(draw('volume', uid, now) * 3_000_000_000)}`
}

/** Files lie in a hidden directory to which `..data` points, so that an update changes all of them at once. */
function projectedFiles(turn: Turn, content: Content, { metadata, spec }: Pod, mode: number): Files {
  const hidden = `/${hiddenName(turn, metadata.uid)}`
  const gid = spec.securityContext?.fsGroup ?? 0
  const { now } = turn.at
  let files: Files = setSorted(noFiles, '', directory(mode, now))
  files = setSorted(files, hidden, directory(0o755, now))
  files = setSorted(files, '/..data', link(hidden.slice(1), now))
  for (const [path, { text, mode }] of content) {
    for (const part of ancestors(parentOf(`/${path}`)))
      files = setSorted(files, `${hidden}${part}`, directory(0o755, now))
    files = setSorted(files, `${hidden}/${path}`, { ...textFile(text, mode, now), gid })
    const top = path.split('/', 1)[0]!
    files = setSorted(files, `/${top}`, link(`..data/${top}`, now))
  }
  return files
}

const isRendered = ({ configMap, secret, downwardAPI, projected }: Volume): boolean =>
  (configMap ?? secret ?? downwardAPI ?? projected) !== undefined

/** Secrets and tokens never touch a disk. */
export const inMemory = ({ secret, projected, emptyDir }: Volume): boolean =>
  secret !== undefined || projected !== undefined || emptyDir?.medium === 'Memory'

/** A rendered volume's files, as of now; undefined if a source is missing. */
export function renderVolume(turn: Turn, { pod, runtime }: PodRecord, volume: Volume): Files | undefined {
  const podIp = readySandbox(runtime)?.ip ?? ''
  const content = contentOf(turn, contextFor(turn, pod, podIp), volume)
  return isMissing(content) ? undefined : projectedFiles(turn, content, pod, inMemory(volume) ? 0o1777 : 0o777)
}

const EMPTY_DIRECTORY: Files = setSorted(noFiles, '', directory(0o777))

/** With fsGroup the directory is that group's, and what is made in it too. */
function emptyDirectory({ spec }: Pod): Files {
  const gid = spec.securityContext?.fsGroup
  return gid === undefined ? EMPTY_DIRECTORY : setSorted(noFiles, '', { ...directory(0o2777), gid })
}

/** Rendered volumes are written when somebody reads them first; only what can be written to is kept from the start. */
export function mountVolumes(turn: Turn, record: PodRecord): PodRecord {
  const volumes: Record<string, Files> = {}
  let any = false
  for (const volume of record.pod.spec.volumes ?? []) {
    if (volume.hostPath) makeHostPath(turn, volume.hostPath)
    if (volume.emptyDir) {
      volumes[volume.name] = emptyDirectory(record.pod)
      any = true
    }
    if (isRendered(volume) && !isServiceAccountVolume(volume)) {
      const files = renderVolume(turn, record, volume)
      if (files) volumes[volume.name] = files
      any = true
    }
  }
  return any ? { ...record, volumes, mounted: true } : { ...record, mounted: true }
}

export { isRendered, isServiceAccountVolume }
