/**
 * The files inside an image: the usual directories, the accounts, the shell with its small programs, and what the image
 * itself brings. Every container of the image begins with the same map.
 */
import { setSorted } from '../../std/sorted.ts'
import { directory, type Files, link, noFiles, parentOf, textFile } from './file-tree.ts'
import type { ImageContent } from './image-content.ts'

const DIRECTORIES = [
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/srv',
  '/sys',
  '/usr',
  '/usr/bin',
  '/usr/local',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/share',
  '/var',
  '/var/log',
  '/var/run',
] as const

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\napp:x:1000:1000:app:/:/bin/sh\n'
const GROUP = 'root:x:0:\napp:x:1000:\nnogroup:x:65534:\nextra:x:2000:app\n'

/** The small programs of busybox. */
export const APPLETS: readonly string[] =
  'ash awk base64 basename bash cat chmod chown cp cut date dd df diff dirname du echo env expr false find grep gunzip gzip head hostname id ifconfig ip kill less ln ls md5sum mkdir mktemp more mount mv nc netstat nslookup od paste ping printenv printf ps pwd readlink realpath rev rm rmdir route sed seq sh sha256sum sleep sort split stat stty sync tail tar tee telnet test time timeout top touch tr true tty uname uniq uptime vi watch wc wget whoami xargs yes'.split(
    ' ',
  )

function withText(files: Files, path: string, text: string, mode: number): Files {
  let all = files
  const missing: string[] = []
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) missing.push(parent)
  for (const parent of missing.reverse()) all = setSorted(all, parent, directory())
  return setSorted(all, path, textFile(text, mode))
}

function build(content: ImageContent | undefined): Files {
  let files: Files = setSorted(noFiles, '/tmp', directory(0o1777))
  for (const path of DIRECTORIES) files = setSorted(files, path, directory())
  files = setSorted(files, '/etc/passwd', textFile(PASSWD))
  files = setSorted(files, '/etc/group', textFile(GROUP))
  files = setSorted(files, '/dev/null', textFile('', 0o666))
  files = setSorted(files, '/dev/termination-log', textFile('', 0o666))
  if (content?.shell) {
    files = setSorted(files, '/bin/busybox', textFile('', 0o755))
    for (const applet of APPLETS) files = setSorted(files, `/bin/${applet}`, link('busybox'))
  }
  for (const { path } of content?.executables ?? []) files = withText(files, path, '', 0o755)
  for (const [path, text] of Object.entries(content?.files ?? {})) files = withText(files, path, text, 0o644)
  return files
}

const known = new Map<ImageContent | undefined, Files>()

export function imageFiles(content: ImageContent | undefined): Files {
  let files = known.get(content)
  if (!files) {
    files = build(content)
    known.set(content, files)
  }
  return files
}
