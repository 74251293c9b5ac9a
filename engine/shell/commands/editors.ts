/**
 * vi and nano, as far as a shell is concerned: a program that has a file open until somebody is done with it. Whoever shows the terminal brings
 * up an editor on that file, saves into it, and ends the input.
 *
 * Left out: editing in the terminal itself; keys, modes and command lines of either program.
 */
import type { Command } from '../command.ts'

/** The file that an editor's words name. */
export const editedPath = (argv: readonly string[]): string | undefined =>
  argv.slice(1).find((word) => !word.startsWith('-') && !word.startsWith('+'))

const editor: Command<null> = {
  about: 'Open a file in the editor: vi FILE.',
  run: (_state, input, { argv }) => {
    if (input.type === 'signal') return [null, { exit: 130 }]
    if (input.type === 'input') return [null, input.end ? { exit: 0 } : { reads: true }]
    const path = editedPath(argv)
    if (path === undefined) return [null, { stderr: `usage: ${argv[0]} FILE\n`, exit: 1 }]
    return [null, { stdout: `"${path}" is open in the editor; Ctrl-D here ends it.\n`, reads: true }]
  },
}

export const EDITORS: Readonly<Record<string, Command>> = { vi: editor, vim: editor, nano: editor } as Readonly<
  Record<string, Command>
>
