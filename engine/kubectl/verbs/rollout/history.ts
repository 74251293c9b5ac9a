/** `kubectl rollout history`: the versions a workload has had. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_history.go */
import { alignText, DESCRIPTION_STYLE } from '../../../std/table.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { podTemplateText } from '../../describe/pod-template.ts'
import { PRINT_FLAGS, printerFor } from '../../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import type { Target } from '../../targets.ts'
import { historyOf, type Revision } from './revisions.ts'
import { completeRollout, findRollouts, missingResource, ROLLOUT_FLAGS } from './subjects.ts'

const unknownRevision = (): Refusal => refuse('unable to find the specified revision')

function historyText(revisions: readonly Revision[], number: number): string | Refusal {
  if (revisions.length === 0) return 'No rollout history found.'
  if (number > 0) {
    const revision = revisions.find((one) => one.number === number)
    return revision ? podTemplateText(revision.template) : unknownRevision()
  }
  const rows = revisions.map((one) => `${one.number}\t${one.changeCause || '<none>'}\n`)
  return alignText(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, DESCRIPTION_STYLE)
}

function showHistory({ flags, session }: Invocation, target: Target): Refusal | undefined {
  const history = historyOf(session, target, 'history viewer')
  if (isRefusal(history)) return history
  const number = flags.number('revision')
  if (flags.given('output') || flags.given('template'))
    return showObjects({ flags, session } as Invocation, history.revisions, number)
  const text = historyText(history.revisions, number)
  if (isRefusal(text)) return text
  const printer = printerFor(session, flags, { operation: `${number > 0 ? `with revision #${number}` : ''}\n${text}` })
  return isRefusal(printer) ? printer : printer.print(target.object)
}

function showObjects(
  { flags, session }: Invocation,
  revisions: readonly Revision[],
  number: number,
): Refusal | undefined {
  const printer = printerFor(session, flags, { keepOrder: true })
  if (isRefusal(printer)) return printer
  const wanted = number > 0 ? revisions.filter((one) => one.number === number) : revisions
  if (number > 0 && wanted.length === 0) return unknownRevision()
  return severalRefusals(wanted.map(({ object }) => printer.print(object)).filter((refusal) => refusal !== undefined))
}

function run(invocation: Invocation): Ending {
  const missing = missingResource(invocation)
  if (missing) return missing
  const revision = invocation.flags.number('revision')
  if (revision < 0) return refuse(`revision must be a positive integer: ${revision}`)
  const found = findRollouts(invocation)
  if (isRefusal(found)) return found
  const refusals = found.targets
    .map((target) => showHistory(invocation, target))
    .filter((refusal) => refusal !== undefined)
  return severalRefusals([...found.refusals, ...refusals])
}

export const rolloutHistory: Command = {
  name: 'history',
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  short: 'View rollout history',
  help: 'List the versions a workload has had; with --revision, show the Pod template of one.',
  examples: ['kubectl rollout history deployment/web', 'kubectl rollout history deployment/web --revision=3'],
  flags: { ...ROLLOUT_FLAGS, ...PRINT_FLAGS, revision: { kind: 'int64', help: 'Show this version in full.' } },
  run,
  complete: completeRollout(['deployment', 'daemonset', 'statefulset']),
}
