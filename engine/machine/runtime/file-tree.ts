/**
 * The files a container sees: its image's, its own, and the volumes mounted into it, as one tree. Each of them is a persistent map
 * from path to node, so a container that never writes costs nothing and an emptyDir shared by two containers is
 * one map. A process borrows the tree for one input; what it changed is put back by the runtime.
 *
 * Left out: hard links, devices, access times, quotas. Permissions are shown but not enforced, except for read-only
 * mounts and read-only roots.
 */
import { deleteSorted, emptySorted, getSorted, type Sorted, setSorted, visitSorted } from '../../std/sorted.ts'
import type { Millis } from '../../std/time.ts'

export interface FileNode {
  readonly kind: 'file' | 'directory' | 'link'
  /** Permission bits: 0o644. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** A file's text, or where a link points. */
  readonly text: string
  readonly modified: Millis
  /** Bytes, when a file stands for more than its text. */
  readonly size?: number
}

/** Absolute path → node. `/` itself is always there. */
export type Files = Sorted<FileNode>

export const noFiles: Files = emptySorted()

export const directory = (mode = 0o755, modified = 0): FileNode => ({
  kind: 'directory',
  mode,
  uid: 0,
  gid: 0,
  text: '',
  modified,
})

export const textFile = (text: string, mode = 0o644, modified = 0): FileNode => ({
  kind: 'file',
  mode,
  uid: 0,
  gid: 0,
  text,
  modified,
})

export const link = (target: string, modified = 0): FileNode => ({
  kind: 'link',
  mode: 0o777,
  uid: 0,
  gid: 0,
  text: target,
  modified,
})

/** A part of the tree that comes from elsewhere. `at` has no slash at its end; the root is ''. */
export interface Mount {
  readonly at: string
  files: Files
  readonly readOnly: boolean
  /** What `/proc/mounts` says: overlay, ext4, tmpfs. */
  readonly fileSystem: string
  /** Whose files these are, for the runtime to put them back. */
  readonly source: string
  /** A single file is mounted, not a directory. */
  readonly single?: true
}

export type FileProblem = 'ENOENT' | 'ENOTDIR' | 'EISDIR' | 'EROFS' | 'EEXIST' | 'ENOTEMPTY' | 'EBUSY'

/** What a process may do with files. Paths are absolute. */
export interface FileTree {
  readonly stat: (path: string) => FileNode | undefined
  /** As `stat`, but of a link itself. */
  readonly lstat: (path: string) => FileNode | undefined
  readonly read: (path: string) => string | FileProblemFound
  readonly list: (path: string) => readonly string[] | FileProblemFound
  readonly write: (path: string, text: string, mode?: number, size?: number) => FileProblemFound | undefined
  readonly makeDirectory: (path: string) => FileProblemFound | undefined
  readonly remove: (path: string) => FileProblemFound | undefined
  readonly mounts: readonly Mount[]
}

export interface FileProblemFound {
  readonly problem: FileProblem
}

export const isProblem = (value: unknown): value is FileProblemFound =>
  typeof value === 'object' && value !== null && 'problem' in value

const problem = (found: FileProblem): FileProblemFound => ({ problem: found })

/** `/a/./b/../c/` → `/a/c`; the root is ''. */
export function normalPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.length === 0 ? '' : `/${parts.join('/')}`
}

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const ROOT = directory()

function mountFor(mounts: readonly Mount[], path: string): Mount {
  let best = mounts[0]!
  for (const mount of mounts)
    if (mount.at.length >= best.at.length && (path === mount.at || path.startsWith(`${mount.at}/`))) best = mount
  return best
}

function nodeAt(mounts: readonly Mount[], path: string): FileNode | undefined {
  const mount = mountFor(mounts, path)
  const inside = path.slice(mount.at.length)
  if (inside !== '') return getSorted(mount.files, inside) ?? mountParent(mounts, path)
  return getSorted(mount.files, '') ?? ROOT
}

/** A directory that exists only because something is mounted below it. */
const mountParent = (mounts: readonly Mount[], path: string): FileNode | undefined =>
  mounts.some((mount) => mount.at.startsWith(`${path}/`)) ? ROOT : undefined

const MOST_LINKS = 20

/** The path without links in it, or undefined if a link leads nowhere in the end. */
function resolved(mounts: readonly Mount[], path: string, followLast: boolean): string | undefined {
  let current = ''
  let rest = normalPath(path).split('/').slice(1)
  for (let links = 0; rest.length > 0; ) {
    const next = `${current}/${rest[0]}`
    const node = nodeAt(mounts, next)
    if (node?.kind === 'link' && (followLast || rest.length > 1)) {
      if (++links > MOST_LINKS) return undefined
      const target = node.text.startsWith('/') ? node.text : `${current}/${node.text}`
      rest = [...normalPath(target).split('/').slice(1), ...rest.slice(1)]
      current = ''
    } else {
      current = next
      rest = rest.slice(1)
    }
  }
  return current
}

function entriesOf(mounts: readonly Mount[], path: string): string[] {
  const names = new Set<string>()
  const mount = mountFor(mounts, path)
  const from = `${path.slice(mount.at.length)}/`
  visitSorted(
    mount.files,
    (_node, key) => void (key.length > from.length && names.add(key.slice(from.length).split('/', 1)[0]!)),
    from,
    `${from}\uffff`,
  )
  for (const { at } of mounts) if (at.startsWith(`${path}/`)) names.add(at.slice(path.length + 1).split('/', 1)[0]!)
  return [...names].sort()
}

function put(mount: Mount, path: string, node: FileNode): FileProblemFound | undefined {
  if (mount.readOnly) return problem('EROFS')
  mount.files = setSorted(mount.files, path.slice(mount.at.length), node)
  return undefined
}

/** Whose a new file is. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

const ROOT_OWNER: Owner = { uid: 0, gid: 0 }

/** What is made in such a directory belongs to the directory's group. */
const SET_GROUP = 0o2000

/** A tree over mounts, which it changes; the first mount is the root. Longer paths win. */
export function fileTree(mounts: readonly Mount[], now: () => Millis, owner: Owner = ROOT_OWNER): FileTree {
  const owned = (node: FileNode, parent: FileNode): FileNode => ({
    ...node,
    uid: owner.uid,
    gid: parent.mode & SET_GROUP ? parent.gid : owner.gid,
  })
  const find = (path: string, follow = true) => {
    const real = resolved(mounts, path, follow)
    return real === undefined ? undefined : { real, node: nodeAt(mounts, real) }
  }
  const read = (path: string) => {
    const node = find(path)?.node
    if (!node) return problem('ENOENT')
    return node.kind === 'directory' ? problem('EISDIR') : node.text
  }
  const list = (path: string) => {
    const found = find(path)
    if (!found?.node) return problem('ENOENT')
    return found.node.kind === 'directory' ? entriesOf(mounts, found.real) : problem('ENOTDIR')
  }
  const write = (path: string, text: string, mode?: number, size?: number) => {
    const found = find(path)
    if (!found) return problem('ENOENT')
    if (found.node?.kind === 'directory') return problem('EISDIR')
    const parent = nodeAt(mounts, parentOf(found.real))
    if (!parent) return problem('ENOENT')
    if (parent.kind !== 'directory') return problem('ENOTDIR')
    const node = {
      ...(found.node ?? owned(textFile(''), parent)),
      text,
      modified: now(),
      ...(mode !== undefined && { mode }),
    }
    return put(mountFor(mounts, found.real), found.real, size === undefined ? node : { ...node, size })
  }
  const makeDirectory = (path: string) => {
    const real = resolved(mounts, path, true)
    if (real === undefined) return problem('ENOENT')
    if (nodeAt(mounts, real)) return problem('EEXIST')
    const parent = nodeAt(mounts, parentOf(real))
    if (!parent) return problem('ENOENT')
    return parent.kind === 'directory'
      ? put(mountFor(mounts, real), real, owned(directory(0o755, now()), parent))
      : problem('ENOTDIR')
  }
  const remove = (path: string) => {
    const found = find(path, false)
    if (!found?.node) return problem('ENOENT')
    const mount = mountFor(mounts, found.real)
    if (mount.at === found.real) return problem('EBUSY')
    if (found.node.kind === 'directory' && entriesOf(mounts, found.real).length > 0) return problem('ENOTEMPTY')
    if (mount.readOnly) return problem('EROFS')
    mount.files = deleteSorted(mount.files, found.real.slice(mount.at.length))
    return undefined
  }
  return {
    stat: (path) => find(path)?.node,
    lstat: (path) => find(path, false)?.node,
    read,
    list,
    write,
    makeDirectory,
    remove,
    mounts,
  }
}
