/**
 * A terminal: a shell, its home directory, and what it has printed. The learner's own computer, from which kubectl reaches the
 * cluster. Plain data like everything else, so a command that runs on (`get -w`, `logs -f`, `sleep`) is part of the world.
 */
import { directory, type Files, type FileTree, fileTree, textFile } from '../machine/runtime/file-tree.ts'
import { newShell, type Shell } from '../shell/state.ts'
import { emptySorted, lastKey, type Sorted, setSorted, sortedEntries } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'

export interface PrintedText {
  readonly at: Millis
  readonly stream: 'stdout' | 'stderr' | 'typed'
  readonly text: string
}

export interface Terminal {
  readonly shell: Shell
  readonly files: Files
  /** Everything that was printed or typed, numbered. */
  readonly printed: Sorted<PrintedText, number>
  /** Lines of a command that is not complete yet. */
  readonly pending: string
  /** When its programs want to go on; 0 when they do not. */
  readonly wakeAt: Millis
  readonly columns: number
  readonly rows: number
}

export const HOME = '/home/learner'

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: https://172.18.0.2:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
users:
- name: kubernetes-admin
  user:
    token: kubernetes-admin
`

const DIRECTORIES = ['/home', HOME, `${HOME}/.kube`, '/tmp', '/usr', '/usr/bin', '/etc', '/dev']

function homeFiles(texts: Readonly<Record<string, string>>): Files {
  let files: Files = emptySorted()
  for (const path of DIRECTORIES) files = setSorted(files, path, directory())
  files = setSorted(files, `${HOME}/.kube/config`, textFile(KUBECONFIG, 0o600))
  for (const [path, text] of Object.entries(texts)) files = setSorted(files, `${HOME}/${path}`, textFile(text))
  return files
}

/** `files` are paths below the home directory, with their texts. */
export const newTerminal = (files: Readonly<Record<string, string>> = {}): Terminal => ({
  shell: newShell({
    name: 'bash',
    environment: { HOME, USER: 'learner', SHELL: '/bin/bash', TERM: 'xterm-256color', EDITOR: 'vi' },
    directory: HOME,
  }),
  files: homeFiles(files),
  printed: emptySorted(),
  pending: '',
  wakeAt: 0,
  columns: 100,
  rows: 30,
})

/** As much as a terminal remembers. */
const MOST_PRINTED = 5000

export function withPrinted(terminal: Terminal, printed: readonly PrintedText[]): Terminal {
  let { printed: all } = terminal
  let next = (lastKey(all) ?? 0) + 1
  for (const text of printed) all = setSorted(all, next++, text)
  return { ...terminal, printed: all.size > MOST_PRINTED ? lastHalf(all) : all }
}

function lastHalf(all: Sorted<PrintedText, number>): Sorted<PrintedText, number> {
  const from = (lastKey(all) ?? 0) - (MOST_PRINTED >> 1)
  return sortedEntries(all, from).reduce(
    (kept, [number, text]) => setSorted(kept, number, text),
    emptySorted<PrintedText, number>(),
  )
}

/** The terminal's files as a tree that a command may change; `taken` gives them back. */
export function borrowFiles(
  terminal: Terminal,
  now: () => Millis,
): { readonly tree: FileTree; readonly taken: () => Files } {
  const mount = { at: '', files: terminal.files, readOnly: false, fileSystem: 'ext4', source: 'home' }
  return { tree: fileTree([mount], now), taken: () => mount.files }
}
