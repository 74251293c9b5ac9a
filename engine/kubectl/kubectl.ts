/**
 * kubectl: the command line that everyone meets Kubernetes through. A pure function of what was typed and of the client it
 * is lent: it finds the command, reads the flags, runs it and says what came of it.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/cmd.go, github.com/spf13/cobra
 */
import { goQuote } from '../std/go-text.ts'
import type { Client } from './client.ts'
import { type Command, type EndedProgram, type Ending, type Invocation, isGoingOn } from './command.ts'
import { completeLine } from './complete.ts'
import { type FoundCommand, findCommand } from './find-command.ts'
import { type Flags, type FlagValues, type ParsedLine, parseFlags } from './flags.ts'
import { GLOBAL_FLAGS, isProfile } from './global-flags.ts'
import { helpText, rootHelpText } from './help.ts'
import type { Outcome, Running } from './outcome.ts'
import { exitCodeOf, isRefusal, type Refusal, refusalText, refuse, usageRefusal } from './refusal.ts'
import type { Session } from './session.ts'
import { suggestions } from './suggest.ts'
import { COMMANDS } from './verbs/index.ts'

export type { Outcome, Running } from './outcome.ts'

export const ROOT: Command = {
  name: 'kubectl',
  usage: '[flags]',
  short: 'kubectl controls the Kubernetes cluster manager',
  flags: {},
  commands: COMMANDS,
}

function unknownCommand(word: string): Refusal {
  const near = suggestions(
    word,
    COMMANDS.filter((command) => !command.hidden).map((command) => command.name),
  )
  const question = near.length > 0 ? `\n\nDid you mean this?\n${near.map((name) => `\t${name}`).join('\n')}` : ''
  return refuse(`unknown command ${goQuote(word)} for "kubectl"${question}`)
}

const emptySaid = (): Session['said'] => ({ out: '', err: '', warnings: 0 })

function outcomeOf(session: Session, ending: Ending, argv: readonly string[], command: Command): Outcome {
  const { out, err, warnings } = session.said
  if (isRefusal(ending)) {
    const asks = ending.by === 'kubectl' ? (ending.asked ?? '') : ''
    return {
      out: out + asks,
      err: err + refusalText(ending),
      code:
        command.exit !== undefined && ending.by !== 'silence' && exitCodeOf(ending) === 1
          ? command.exit
          : exitCodeOf(ending),
    }
  }
  if (isGoingOn(ending)) {
    const { goesOn, lookAgainAfter, runs, readsInput } = ending
    return {
      out,
      err,
      running: { argv, progress: goesOn, lookAgainAfter, ...(runs && { runs }), ...(readsInput && { readsInput }) },
    }
  }
  if (warnings > 0 && session.flags.on('warnings-as-errors')) {
    const count = warnings === 1 ? '1 warning received' : `${warnings} warnings received`
    return { out, err: `${err}error: ${count}\n`, code: 1 }
  }
  return { out, err, code: 0 }
}

const missingFlags = (flags: Flags, line: ParsedLine): Refusal | undefined => {
  const missing = Object.keys(flags)
    .filter((name) => flags[name]!.required && !line.given.includes(name))
    .sort()
  return missing.length === 0 ? undefined : refuse(`required flag(s) ${missing.map(goQuote).join(', ')} not set`)
}

const notModelled = (flags: Flags, line: ParsedLine): Refusal | undefined => {
  const name = line.given.find((given) => flags[given]?.notModelled)
  return name === undefined ? undefined : refuse(`--${name} is not modelled: ${flags[name]!.notModelled}`)
}

function deprecations(flags: Flags, line: ParsedLine): string {
  const old = line.given.filter((name) => flags[name]?.deprecated)
  return old.map((name) => `Flag --${name} has been deprecated, ${flags[name]!.deprecated}\n`).join('')
}

/** Everything before a command itself is asked: flags, help, what must be given. */
interface Prepared {
  readonly found: FoundCommand
  readonly invocation: Invocation
}

const plain = (out: string, err: string, code: number): Outcome => ({ out, err, code })

function prepare(argv: readonly string[], client: Client): Prepared | Outcome {
  const found = findCommand(argv, ROOT)
  const { command, path, words, flags } = found
  const line = parseFlags(flags, words)
  if ('problem' in line) {
    const exit = command.exit ?? 1
    return plain('', `error: ${line.problem}\nSee '${path} --help' for usage.\n`, exit)
  }
  if (line.help) return plain(command === ROOT ? rootHelpText(COMMANDS) : helpText(path, command), '', 0)
  const session: Session = {
    client,
    commandPath: path,
    flags: connectionFlags(command, line.values),
    said: emptySaid(),
  }
  session.said.err += deprecations(flags, line)
  const refusal =
    missingFlags(flags, line) ??
    notModelled(flags, line) ??
    ('profile' in command.flags ? undefined : profileProblem(line))
  if (refusal) return outcomeOf(session, refusal, argv, command)
  return { found, invocation: { path, args: line.args, dashAt: line.dashAt, flags: line.values, session } }
}

/** What a connection may read: a command's own --user is not the kubeconfig's. */
export function connectionFlags(command: Command, values: FlagValues): FlagValues {
  const own = (name: string): boolean => name in command.flags && name in GLOBAL_FLAGS
  const text = (name: string): string => (own(name) ? (GLOBAL_FLAGS[name]!.default ?? '') : values.text(name))
  return {
    ...values,
    text,
    list: (name) => (own(name) ? [] : values.list(name)),
    given: (name) => !own(name) && values.given(name),
  }
}

const profileProblem = (line: ParsedLine): Refusal | undefined =>
  isProfile(line.values.text('profile')) ? undefined : refuse(`unknown profile '${line.values.text('profile')}'`)

const isOutcome = (value: Prepared | Outcome): value is Outcome => 'out' in value

/** A command that only holds others, called alone or with a word that is none of them. */
function runGroup({ found, invocation }: Prepared): Outcome {
  const { command, path } = found
  const { args } = invocation
  if (command === ROOT)
    return args.length > 0 ? plain('', refusalText(unknownCommand(args[0]!)), 1) : plain(rootHelpText(COMMANDS), '', 0)
  const text = helpText(path, command)
  if (command.helpIsEnough) return plain(text, '', 0)
  if (args.length > 0)
    return plain('', refusalText(usageRefusal(path, `unknown command ${goQuote(args.join(' '))}`)), 1)
  return command.helpOn === 'out' ? plain(text, '', 1) : plain('', text, 1)
}

/** Runs a plugin when the words name no command but a program of that name is on the PATH. */
function pluginFor(argv: readonly string[], client: Client): readonly string[] | undefined {
  const words: string[] = []
  for (const word of argv) {
    if (word.startsWith('-')) break
    words.push(word.replaceAll('-', '_'))
  }
  const programs = client.programs?.() ?? []
  for (let count = words.length; count > 0; count--) {
    const name = `kubectl-${words.slice(0, count).join('-')}`
    const program = programs.find((path) => path.endsWith(`/${name}`))
    if (program) return [program, ...argv.slice(count)]
  }
  return undefined
}

/** Runs one command line, without the word `kubectl`. */
export function kubectl(argv: readonly string[], client: Client): Outcome {
  if (argv[0] === '__complete' || argv[0] === '__completeNoDesc')
    return completeLine(ROOT, argv.slice(1), client, argv[0] === '__complete')
  if (argv[0] === 'help' && argv.length > 1) return kubectl([...argv.slice(1), '--help'], client)
  if (argv[0] === 'help') return plain(rootHelpText(COMMANDS), '', 0)
  const prepared = prepare(argv, client)
  if (isOutcome(prepared)) return prepared
  const { found, invocation } = prepared
  if (
    found.command === ROOT ||
    (found.command.name === 'create' && found.words.length > 0 && !found.words[0]!.startsWith('-'))
  ) {
    const plugin = pluginFor(argv, client)
    const ran = plugin && client.run?.(plugin)
    if (ran) return ran
  }
  if (!found.command.run) return runGroup(prepared)
  return outcomeOf(invocation.session, found.command.run(invocation), argv, found.command)
}

/** Lets a running command look again. */
export function kubectlFollow(running: Running, client: Client, ended?: EndedProgram): Outcome {
  const prepared = prepare(running.argv, client)
  if (isOutcome(prepared)) return prepared
  const { found, invocation } = prepared
  invocation.session.said.err = ''
  const ending = found.command.follow?.(invocation, running.progress, ended)
  return outcomeOf(invocation.session, ending, running.argv, found.command)
}
