/** `kubectl set serviceaccount`. */
import type { Command, Ending, Invocation } from '../../command.ts'
import { ALL_FLAG, changeFlags, LOCAL_FLAG, RECORD_FLAG } from '../../flag-groups.ts'
import { dryRunOf, printerFor } from '../../printers/output.ts'
import { isRefusal, refuse, severalRefusals } from '../../refusal.ts'
import { FILENAME_FLAGS } from '../../targets.ts'
import { changeObjects, findTyped, withPodSpec } from './change.ts'

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  if (flags.on('local') && dryRun === 'server')
    return refuse('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  const printer = printerFor(session, flags)
  if (isRefusal(printer)) return printer
  if (args.length === 0) return refuse('serviceaccount is required')
  const serviceAccountName = args.at(-1)!
  const found = findTyped(invocation, flags.on('local') ? [] : args.slice(0, -1))
  if (isRefusal(found)) return found
  const refusals = changeObjects(
    invocation,
    found.targets,
    (object) => withPodSpec(object, (spec) => ({ ...spec, serviceAccountName })),
    {
      dryRun,
      operation: 'serviceaccount updated',
      failure: 'failed to patch ServiceAccountName ',
      always: true,
    },
  )
  return isRefusal(refusals) ? refusals : severalRefusals(refusals)
}

export const setServiceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  usage: '(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  short: 'Update the service account of a resource',
  examples: ['kubectl set serviceaccount deployment web robot'],
  flags: {
    ...ALL_FLAG,
    ...changeFlags('kubectl-set'),
    ...FILENAME_FLAGS('A file, directory or - with the objects to change.'),
    ...LOCAL_FLAG,
    ...RECORD_FLAG,
  },
  run,
}
