/**
 * A container's files as the shell wants them, with the few that are not files at all: /dev/null, the first process's
 * output, and what /proc says about mounts and about oneself.
 */
import type { ShellFiles } from '../../shell/command.ts'
import { treeFiles } from '../runtime/tree-files.ts'
import type { ProgramHost } from './program.ts'

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
  const plain = treeFiles(files)
  return {
    ...plain,
    read: (path) => PROC[path]?.(host) ?? (FIRST_OUTPUT.has(path) ? '' : plain.read(path)),
    write: (path, text) => {
      if (path === '/dev/null') return undefined
      if (!FIRST_OUTPUT.has(path)) return plain.write(path, text)
      host.writeToFirst(text)
      return undefined
    },
    stat: (path) => {
      const node = files.lstat(path)
      if (!node) return undefined
      const { kind, mode, modified, text, size, uid } = node
      const owner = OWNERS[uid] ?? String(uid)
      return { kind, mode, modified, size: size ?? text.length, owner, ...(kind === 'link' && { target: text }) }
    },
  }
}
