/**
 * `kubectl completion`: a script that makes a shell ask `kubectl __complete` for what may follow.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/completion. Left out: the long scripts of cobra; these do the same in few lines.
 */
import { goQuote } from '../../std/go-text.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { usageRefusal } from '../refusal.ts'
import { say } from '../session.ts'

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_kubectl() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(kubectl __completeNoDesc "\${words[@]}" 2>/dev/null | grep -v '^:'))
}
complete -o default -F _kubectl kubectl
`,
  zsh: `#compdef kubectl
compdef _kubectl kubectl

_kubectl() {
  compadd -- \${(f)"$(kubectl __completeNoDesc \${words[2,CURRENT]} 2>/dev/null | grep -v '^:')"}
}
`,
  fish: `complete -c kubectl -f -a '(kubectl __completeNoDesc (commandline -opc)[2..] (commandline -ct) 2>/dev/null | grep -v "^:")'
`,
  powershell: `Register-ArgumentCompleter -CommandName kubectl -ScriptBlock {
  param($word, $ast)
  kubectl __completeNoDesc @($ast.CommandElements | Select-Object -Skip 1) | Where-Object { $_ -notmatch '^:' }
}
`,
}

function run({ args, path, session }: Invocation): Ending {
  if (args.length === 0) return usageRefusal(path, 'Shell not specified.')
  if (args.length > 1) return usageRefusal(path, 'Too many arguments. Expected only the shell type.')
  const script = SCRIPTS[args[0]!]
  if (script === undefined) return usageRefusal(path, `Unsupported shell type ${goQuote(args[0]!)}.`)
  say(session, script)
  return undefined
}

export const completionCommand: Command = {
  name: 'completion',
  usage: 'SHELL',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  group: 'Settings Commands',
  examples: ['source <(kubectl completion bash)'],
  flags: {},
  run,
  complete: ({ args }) => (args.length === 0 ? Object.keys(SCRIPTS) : []),
}
