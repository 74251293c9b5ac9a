/**
 * A container's files as the shell wants them, with the few that are not files at all: /dev/null, the first process's
 * output, and what /proc says about mounts and about oneself.
 */
import type { FileFailure, ShellFiles } from '../../shell/command.ts'
import { type FileProblem, type FileProblemFound, isProblem } from '../runtime/file-tree.ts'
import type { ProgramHost } from './program.ts'

const WORDS: Readonly<Record<FileProblem, string>> = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EROFS: 'Read-only file system',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EBUSY: 'Device or resource busy',
}

const failureOf = ({ problem }: FileProblemFound): FileFailure => ({ failure: WORDS[problem] })

const OWNERS: Readonly<Record<number, string>> = { 0: 'root', 1000: 'app', 65534: 'nobody' }

const FIRST_OUTPUT: ReadonlySet<string> = new Set(['/proc/1/fd/1', '/proc/1/fd/2'])

const mountLines = ({ files }: ProgramHost): string =>
  files.mounts
    .map(
      ({ at, fileSystem, readOnly }) =>
        `${fileSystem} ${at || '/'} ${fileSystem} ${readOnly ? 'ro' : 'rw'},relatime 0 0\n`,
    )
    .join('')

const PROC: Readonly<Record<string, (host: ProgramHost) => string>> = {
  '/proc/mounts': mountLines,
  '/proc/self/mounts': mountLines,
  '/proc/sys/net/ipv4/ip_unprivileged_port_start': () => '0\n',
  '/dev/null': () => '',
}

export function shellFiles(host: ProgramHost): ShellFiles {
  const { files } = host
  const or = (problem: FileProblemFound | undefined) => (problem ? failureOf(problem) : undefined)
  return {
    read: (path) => {
      const made = PROC[path]
      if (made) return made(host)
      if (FIRST_OUTPUT.has(path)) return ''
      const text = files.read(path)
      return isProblem(text) ? failureOf(text) : text
    },
    write: (path, text) => {
      if (path === '/dev/null') return undefined
      if (!FIRST_OUTPUT.has(path)) return or(files.write(path, text))
      host.writeToFirst(text)
      return undefined
    },
    list: (path) => {
      const names = files.list(path)
      return isProblem(names) ? failureOf(names) : names
    },
    stat: (path) => {
      const node = files.lstat(path)
      if (!node) return undefined
      const { kind, mode, modified, text, size, uid } = node
      const owner = OWNERS[uid] ?? String(uid)
      return { kind, mode, modified, size: size ?? text.length, owner, ...(kind === 'link' && { target: text }) }
    },
    makeDirectory: (path) => or(files.makeDirectory(path)),
    remove: (path) => or(files.remove(path)),
    chmod: (path, mode) => {
      const text = files.read(path)
      return isProblem(text) ? failureOf(text) : or(files.write(path, text, mode))
    },
  }
}
