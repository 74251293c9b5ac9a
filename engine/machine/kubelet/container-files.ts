/**
 * The file tree of one container: its own layer over its image's files, the volumes where the spec mounts them, and the files that
 * the kubelet writes for every pod. After a process has run, what it changed goes back to where it belongs.
 *
 * Left out: /sys, devices other than the usual ones, mount propagation, subPath of a single file that is later replaced.
 */
import type { Container, VolumeMount } from '../../api/types.generated.ts'
import { getSorted, setSorted, visitSorted } from '../../std/sorted.ts'
import type { Millis } from '../../std/time.ts'
import {
  directory,
  type FileNode,
  type Files,
  type FileTree,
  fileTree,
  type Mount,
  noFiles,
  normalPath,
  textFile,
} from '../runtime/file-tree.ts'
import { imageFiles } from '../runtime/image-files.ts'
import { imageOf } from '../runtime/image-store.ts'
import { type ContainerRecord, readySandbox } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { rightsText } from './capabilities.ts'
import { expand } from './environment.ts'
import { hostnameOf, hostsFile, resolverFile } from './host-names.ts'
import { inMemory, isServiceAccountVolume, renderVolume } from './mount-volumes.ts'
import type { PodRecord } from './pod-record.ts'

const single = (at: string, text: string): Mount => ({
  at,
  files: setSorted(noFiles, '', textFile(text)),
  readOnly: false,
  fileSystem: 'ext4',
  source: '',
  single: true,
})

/** Only what lies below a path, as if that were the root. */
function below(files: Files, path: string): Files {
  let part = noFiles
  visitSorted(
    files,
    (node, key) => {
      if (key === path || key.startsWith(`${path}/`)) part = setSorted(part, key.slice(path.length), node)
      return true
    },
    path,
    `${path}/\uffff`,
  )
  return part
}

function subPathOf(mount: VolumeMount, variables: ReadonlyMap<string, string>): string {
  if (mount.subPathExpr) return normalPath(expand(mount.subPathExpr, variables))
  return mount.subPath ? normalPath(mount.subPath) : ''
}

interface Source {
  readonly name: string
  readonly files: Files
  readonly fileSystem: string
}

/** Where the files of a volume are kept: with the pod, or on the machine. */
function sourceOf(turn: Turn, record: PodRecord, name: string): Source | undefined {
  const volume = record.pod.spec.volumes?.find((candidate) => candidate.name === name)
  if (!volume) return undefined
  if (volume.hostPath)
    return {
      name: `host ${normalPath(volume.hostPath.path)}`,
      files: below(turn.machine.files, normalPath(volume.hostPath.path)),
      fileSystem: 'ext4',
    }
  const files =
    record.volumes[name] ?? (isServiceAccountVolume(volume) ? renderVolume(turn, record, volume) : undefined)
  return { name: `volume ${name}`, files: files ?? noFiles, fileSystem: inMemory(volume) ? 'tmpfs' : 'ext4' }
}

const resolvedSub = (files: Files, sub: string): string => {
  let found = sub
  visitSorted(files, (node, key) => void (key === sub && node.kind === 'link' && (found = `/${node.text}`)))
  return found
}

function volumeMounts(
  turn: Turn,
  record: PodRecord,
  container: Container,
  variables: ReadonlyMap<string, string>,
): Mount[] {
  const mounts: Mount[] = []
  for (const mount of container.volumeMounts ?? []) {
    const source = sourceOf(turn, record, mount.name)
    if (!source) continue
    const sub = subPathOf(mount, variables)
    const real = sub && fileTree([rootMount(source.files)], () => 0).stat(sub) ? realPath(source.files, sub) : sub
    const files = real ? below(source.files, real) : source.files
    const at = normalPath(mount.mountPath)
    const withRoot = files.size === 0 ? setSorted(noFiles, '', madeLike(source.files, turn.at.now)) : files
    mounts.push({
      at,
      files: withRoot,
      readOnly: mount.readOnly ?? false,
      fileSystem: source.fileSystem,
      source: `${source.name}\n${real}`,
    })
  }
  return mounts
}

const rootMount = (files: Files): Mount => ({ at: '', files, readOnly: false, fileSystem: '', source: '' })

/** A path through `..data` as the path of the file itself. */
function realPath(files: Files, path: string): string {
  const first = resolvedSub(files, `/${path.split('/')[1]}`)
  const data = resolvedSub(files, '/..data')
  return first.startsWith('/..data')
    ? `${data}${first.slice('/..data'.length)}${path.slice(path.indexOf('/', 1) < 0 ? path.length : path.indexOf('/', 1))}`
    : path
}

/** A subPath that does not exist is made with the rights of its volume. */
const madeLike = (files: Files, now: Millis): FileNode => ({ ...(getSorted(files, '') ?? directory()), modified: now })

export interface ContainerTree {
  readonly tree: FileTree
  readonly before: readonly Files[]
}

export function containerTree(
  turn: Turn,
  record: PodRecord,
  container: Container,
  running: ContainerRecord,
  variables: ReadonlyMap<string, string>,
): ContainerTree {
  const { pod } = record
  const { machine } = turn
  const ip = readySandbox(record.runtime)?.ip || machine.identity.address
  const image = imageOf(machine.images, running.imageDigest)
  const root: Mount = {
    at: '',
    files: record.layers[running.id] ?? imageFiles(image?.content),
    readOnly: container.securityContext?.readOnlyRootFilesystem ?? false,
    fileSystem: 'overlay',
    source: `layer ${running.id}`,
  }
  const mounts: Mount[] = [
    root,
    single('/etc/hosts', hostsFile(pod, ip, machine.name, machine.identity)),
    single('/etc/hostname', `${hostnameOf(pod, machine.name)}\n`),
    single('/etc/resolv.conf', resolverFile(pod, machine.identity)),
    single('/proc/self/status', rightsText(pod, container, running)),
    ...volumeMounts(turn, record, container, variables),
  ]
  return { tree: fileTree(mounts, () => turn.at.now, running), before: mounts.map(({ files }) => files) }
}

/** Puts back what a process changed. */
export function keepFiles(turn: Turn, record: PodRecord, { tree, before }: ContainerTree): PodRecord {
  let next = record
  tree.mounts.forEach((mount, i) => {
    if (mount.files !== before[i] && mount.source !== '') next = keepMount(turn, next, mount)
  })
  return next
}

function keepMount(turn: Turn, record: PodRecord, mount: Mount): PodRecord {
  const [kind, name = ''] = splitFirst(mount.source, ' ')
  if (kind === 'layer') return { ...record, layers: { ...record.layers, [name]: mount.files } }
  const [owner, sub = ''] = splitFirst(name, '\n')
  if (kind === 'host') {
    turn.machine = { ...turn.machine, files: grafted(turn.machine.files, `${owner}${sub}`, mount.files) }
    return record
  }
  const files = sub ? grafted(record.volumes[owner] ?? noFiles, sub, mount.files) : mount.files
  return { ...record, volumes: { ...record.volumes, [owner]: files } }
}

const splitFirst = (text: string, mark: string): readonly [string, string | undefined] => {
  const index = text.indexOf(mark)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

/** The files with everything below a path replaced. */
function grafted(files: Files, path: string, part: Files): Files {
  let result = noFiles
  visitSorted(files, (node, key) => {
    if (key !== path && !key.startsWith(`${path}/`)) result = setSorted(result, key, node)
    return true
  })
  visitSorted(part, (node, key) => {
    result = setSorted(result, `${path}${key}`, node)
    return true
  })
  return result
}
