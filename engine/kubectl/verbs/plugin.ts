/** `kubectl plugin`: programs on the PATH whose names begin with `kubectl-`. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/plugin */
import { goQuote } from '../../std/go-text.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { baseName } from '../paths.ts'
import { refuse } from '../refusal.ts'
import { complain, say } from '../session.ts'
import { OWN_NAMES } from './names.ts'

const ALLOWED_BELOW = ['create']

/** A plugin that stands where a command already is: it is never run. */
function overwritten(path: string): string | undefined {
  const [, ...words] = baseName(path).split('-')
  const known = OWN_NAMES.includes(words[0]!) && (words.length === 1 || ALLOWED_BELOW.includes(words[0]!))
  return known ? `warning: ${baseName(path)} overwrites existing command: ${goQuote(`kubectl ${words[0]}`)}` : undefined
}

function run({ flags, session }: Invocation): Ending {
  const plugins = (session.client.programs?.() ?? []).filter((path) => baseName(path).startsWith('kubectl-'))
  if (plugins.length === 0) return refuse('error: unable to find any kubectl plugins in your PATH\n')
  say(session, 'The following compatible plugins are available:\n\n')
  let warnings = 0
  for (const path of plugins) {
    say(session, `${flags.on('name-only') ? baseName(path) : path}\n`)
    const problem = overwritten(path)
    if (problem === undefined) continue
    warnings++
    complain(session, `  - ${problem}\n`)
  }
  if (warnings === 0) return undefined
  return refuse(
    warnings === 1 ? 'error: one plugin warning was found\n' : `error: ${warnings} plugin warnings were found\n`,
  )
}

const list: Command = {
  name: 'list',
  usage: '[flags]',
  short: "List all visible plugin executables on a user's PATH",
  examples: ['kubectl plugin list', 'kubectl plugin list --name-only'],
  flags: { 'name-only': { kind: 'bool', help: 'Leave out where they are.' } },
  run,
}

export const pluginCommand: Command = {
  name: 'plugin',
  usage: '[flags]',
  short: 'Provides utilities for interacting with plugins',
  group: 'Other Commands',
  help: 'A plugin is any program called kubectl-NAME on the PATH; it runs as `kubectl NAME`.',
  examples: ['kubectl plugin list'],
  flags: {},
  commands: [list],
}
