/** `kubectl options`: the flags of every command. */
import type { Command } from '../command.ts'
import { globalOptionsText } from '../help.ts'
import { say } from '../session.ts'

export const optionsCommand: Command = {
  name: 'options',
  usage: '',
  short: 'Print the list of flags inherited by all commands',
  flags: {},
  run: ({ session }) => {
    say(session, globalOptionsText())
    return undefined
  },
}
