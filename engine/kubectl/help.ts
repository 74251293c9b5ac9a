/**
 * Help, made from what a command says of itself.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/util/templates. The words are ours; usage lines, commands and flags are
 * upstream's.
 */
import type { Command, CommandGroup } from './command.ts'
import { type Flags, printedDefault } from './flags.ts'
import { GLOBAL_FLAGS } from './global-flags.ts'

const GROUPS: readonly CommandGroup[] = [
  'Basic Commands (Beginner)',
  'Basic Commands (Intermediate)',
  'Deploy Commands',
  'Cluster Management Commands',
  'Troubleshooting and Debugging Commands',
  'Advanced Commands',
  'Settings Commands',
]

const listed = (commands: readonly Command[], width: number): string =>
  commands.map((command) => `  ${command.name.padEnd(width)}${command.short}\n`).join('')

const visible = (commands: readonly Command[]): readonly Command[] =>
  commands.filter((command) => !command.hidden && command.name !== 'help' && command.name !== 'options')

const byName = (a: Command, b: Command): number => (a.name < b.name ? -1 : 1)

function subcommandList(commands: readonly Command[]): string {
  const shown = [...visible(commands)].sort(byName)
  if (shown.length === 0) return ''
  const width = Math.max(11, ...shown.map((command) => command.name.length)) + 3
  return `Available Commands:\n${listed(shown, width)}\n`
}

const flagText = (name: string, flags: Flags): string => {
  const flag = flags[name]!
  const names = flag.short ? `-${flag.short}, --${name}` : `--${name}`
  return `    ${names}=${printedDefault(flag)}:\n\t${flag.help}\n`
}

const optionsText = (flags: Flags): string => {
  const names = Object.keys(flags)
    .filter((name) => !flags[name]!.hidden && !flags[name]!.deprecated)
    .sort()
  return names.length === 0 ? '' : `Options:\n${names.map((name) => flagText(name, flags)).join('\n')}\n`
}

const FOOTER = 'Use "kubectl options" for a list of global command-line options (applies to all commands).\n'

const footer = (path: string, command: Command): string =>
  (visible(command.commands ?? []).length > 0
    ? `Use "${path} <command> --help" for more information about a given command.\n`
    : '') + FOOTER

const examplesText = (examples: readonly string[]): string =>
  examples.length === 0 ? '' : `Examples:\n${examples.map((example) => `  ${example}\n`).join('')}\n`

export const usageLine = (path: string, command: Command): string =>
  `${path}${command.usage ? ` ${command.usage}` : ''} [options]`

/** `--help` of one command. */
export function helpText(path: string, command: Command): string {
  const aliases = command.aliases?.length ? `Aliases:\n${[command.name, ...command.aliases].join(', ')}\n\n` : ''
  const long = `${command.help ?? (command.short.endsWith('.') ? command.short : `${command.short}.`)}\n\n`
  return (
    long +
    aliases +
    examplesText(command.examples ?? []) +
    subcommandList(command.commands ?? []) +
    optionsText(command.flags) +
    `Usage:\n  ${usageLine(path, command)}\n\n` +
    footer(path, command)
  )
}

/** Help of kubectl itself: its commands in groups. */
export function rootHelpText(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 3
  const groups = GROUPS.map((group) => {
    const members = commands.filter((command) => command.group === group)
    return `${group}:\n${listed(members, width)}\n`
  })
  const others = [...visible(commands)]
    .filter((command) => !command.group || command.group === 'Other Commands')
    .sort(byName)
  return `kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n\n${groups.join('')}Subcommands provided by plugins:\n\nOther Commands:\n${listed(others, width)}\nUsage:\n  kubectl [flags] [options]\n\nUse "kubectl <command> --help" for more information about a given command.\n${FOOTER}`
}

export const globalOptionsText = (): string =>
  `The following options can be passed to any command:\n\n${Object.keys(GLOBAL_FLAGS)
    .sort()
    .map((name) => flagText(name, GLOBAL_FLAGS))
    .join('\n')}\n`
