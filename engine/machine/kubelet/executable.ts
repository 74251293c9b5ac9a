/**
 * Which program a command line runs: an executable of the image, or one of the shell's small programs. Words of runc for
 * what cannot be run.
 */
import type { FileTree } from '../runtime/file-tree.ts'
import type { ImageContent } from '../runtime/image-content.ts'
import { APPLETS } from '../runtime/image-files.ts'

export type Executable = { readonly program: string } | { readonly problem: string }

const PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const

const APPLET_NAMES: ReadonlySet<string> = new Set(APPLETS)

/** Files that a shell finds in its path, besides those in the image's tree. */
const isApplet = (content: ImageContent, name: string): boolean => content.shell && APPLET_NAMES.has(name)

const problem = (name: string, why: string): Executable => ({ problem: `exec: "${name}": ${why}` })

function inPath(name: string, content: ImageContent): Executable {
  for (const directory of PATH) {
    const own = content.executables?.find(({ path }) => path === `${directory}/${name}`)
    if (own) return { program: own.program }
  }
  return isApplet(content, name) ? { program: 'shell' } : problem(name, 'executable file not found in $PATH')
}

export function executableFor(argv: readonly string[], content: ImageContent, tree: () => FileTree): Executable {
  const name = argv[0] ?? ''
  if (!name.includes('/')) return inPath(name, content)
  const own = content.executables?.find(({ path }) => path === name)
  if (own) return { program: own.program }
  const base = name.slice(name.lastIndexOf('/') + 1)
  if (/^\/(usr\/)?s?bin\//.test(name) && isApplet(content, base)) return { program: 'shell' }
  const node = tree().stat(name)
  if (!node) return problem(name, `stat ${name}: no such file or directory`)
  if (node.kind === 'file' && node.mode & 0o111 && content.shell) return { program: 'shell' }
  return problem(name, 'permission denied')
}
