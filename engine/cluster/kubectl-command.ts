/**
 * kubectl as a command of the shell: what it sends goes to the world's API server, and what it runs on with is kept in the shell.
 */
import type { Client, HttpRequest, HttpResponse } from '../kubectl/client.ts'
import { kubectl, kubectlFollow } from '../kubectl/kubectl.ts'
import type { Outcome, Running } from '../kubectl/outcome.ts'
import {
  absolutePath,
  type Command,
  type CommandHost,
  type CommandInput,
  type CommandOutput,
  isFileFailure,
} from '../shell/command.ts'
import { EPOCH } from '../std/time.ts'

export type Send = (request: HttpRequest) => HttpResponse

/** What ctrl-d sends to a program in a container. */
const END_OF_INPUT = '\u0004'

interface State {
  readonly input: string
  readonly running?: Running
}

/** Whether the command line says that standard input is to be read. */
const readsInput = (argv: readonly string[], isTerminal: boolean): boolean =>
  argv.some(
    (word, at) =>
      word === '-' ||
      word === '-f-' ||
      word === '--filename=-' ||
      (word === '-i' && argv[1] === 'exec' && at > 1 && !isTerminal),
  )

function clientFor(host: CommandHost, send: Send, stdin: string): Client {
  const { files, directory } = host
  return {
    now: host.now(),
    nowUnix: EPOCH + host.now(),
    send,
    env: host.environment,
    workingDirectory: directory,
    stdin,
    isTerminal: host.isTerminal.input,
    files: {
      read: (path) => {
        const text = files.read(absolutePath(directory, path))
        return isFileFailure(text) ? undefined : text
      },
      write: (path, content) => void files.write(absolutePath(directory, path), String(content)),
      list: (path) => {
        const names = files.list(absolutePath(directory, path))
        return isFileFailure(names) ? undefined : names
      },
      remove: (path) => void files.remove(absolutePath(directory, path)),
    },
  }
}

function settled(outcome: Outcome, input: string, host: CommandHost): readonly [State, CommandOutput] {
  const said = { ...(outcome.out && { stdout: outcome.out }), ...(outcome.err && { stderr: outcome.err }) }
  if (!outcome.running) return [{ input }, { ...said, exit: outcome.code ?? 0 }]
  const state = { input, running: outcome.running }
  if (outcome.running.runs) return [state, { ...said, runs: { argv: outcome.running.runs, capture: true } }]
  const reads = outcome.running.readsInput === true
  const wakeAt = host.now() + Math.max(outcome.running.lookAgainAfter, 1)
  return [
    { ...state, input: '' },
    { ...said, ...(reads && { reads }), wakeAt },
  ]
}

function goOn(state: State, input: CommandInput, host: CommandHost, send: Send): readonly [State, CommandOutput] {
  const typed = input.type === 'input' ? input.text + (input.end ? END_OF_INPUT : '') : ''
  const client = clientFor(host, send, typed)
  const ended = input.type === 'ended' ? { code: input.code, output: input.output } : undefined
  return settled(kubectlFollow(state.running!, client, ended), typed, host)
}

export const kubectlCommand = (send: Send): Command<State> => ({
  about: 'Speak to the cluster.',
  run: (state, input, host) => {
    if (input.type === 'signal') return [state ?? { input: '' }, { exit: 130 }]
    if (state?.running) return goOn(state, input, host, send)
    const text = (state?.input ?? '') + (input.type === 'input' ? input.text : '')
    const complete = input.type === 'input' ? input.end : !readsInput(host.argv, host.isTerminal.input)
    if (!complete) return [{ input: text }, { reads: true }]
    return settled(kubectl(host.argv.slice(1), clientFor(host, send, text)), text, host)
  },
})
