/** A tree of files as a shell wants them: a container's, or the home directory of a terminal. Problems are told in words. */
import type { FileFailure, ShellFiles } from '../../shell/command.ts'
import { type FileProblem, type FileTree, isProblem } from './file-tree.ts'

const WORDS: Readonly<Record<FileProblem, string>> = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EROFS: 'Read-only file system',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EBUSY: 'Device or resource busy',
}

const failureOf = (value: unknown): FileFailure | undefined =>
  isProblem(value) ? { failure: WORDS[value.problem] } : undefined

export const treeFiles = (tree: FileTree): ShellFiles => ({
  read: (path) => {
    const text = tree.read(path)
    return failureOf(text) ?? (text as string)
  },
  write: (path, text) => failureOf(tree.write(path, text)),
  list: (path) => {
    const names = tree.list(path)
    return failureOf(names) ?? (names as readonly string[])
  },
  stat: (path) => {
    const node = tree.stat(path)
    return node && { kind: node.kind, mode: node.mode, size: node.size ?? node.text.length, modified: node.modified }
  },
  makeDirectory: (path) => failureOf(tree.makeDirectory(path)),
  remove: (path) => failureOf(tree.remove(path)),
  chmod: (path, mode) => {
    const text = tree.read(path)
    return failureOf(text) ?? failureOf(tree.write(path, text as string, mode))
  },
})
