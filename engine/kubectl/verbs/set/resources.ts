/** `kubectl set resources`: requests and limits of containers. */
import { isMap, type TreeMap } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { ALL_FLAG, changeFlags, LOCAL_FLAG, RECORD_FLAG, SELECTOR_FLAG } from '../../flag-groups.ts'
import { dryRunOf, printerFor } from '../../printers/output.ts'
import { canonicalQuantity } from '../../quantities.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { FILENAME_FLAGS } from '../../targets.ts'
import { parseResources } from '../create/small.ts'
import { changeObjects, findTyped, LOCAL_ARGUMENTS, withContainers, withPodSpec } from './change.ts'

const canonical = (resources: TreeMap): TreeMap =>
  Object.fromEntries(Object.entries(resources).map(([name, text]) => [name, canonicalQuantity(String(text))]))

function withResources(container: TreeMap, limits: TreeMap, requests: TreeMap): TreeMap {
  const before = isMap(container.resources) ? container.resources : {}
  const merged = (field: string, added: TreeMap): TreeMap => ({
    ...(isMap(before[field]) ? before[field] : {}),
    ...added,
  })
  return {
    ...container,
    resources: { ...before, limits: merged('limits', limits), requests: merged('requests', requests) },
  }
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const printer = printerFor(session, flags)
  if (isRefusal(printer)) return printer
  if (flags.on('local') && args.length > 0) return refuse(LOCAL_ARGUMENTS)
  const found = findTyped(invocation, args)
  if (isRefusal(found)) return found
  if (flags.on('local') && dryRun === 'server')
    return refuse('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  if (flags.on('all') && flags.text('selector')) return refuse('cannot set --all and --selector at the same time')
  if (!flags.text('limits') && !flags.text('requests'))
    return refuse('you must specify an update to requests or limits (in the form of --requests/--limits)')
  const limits = parseResources(flags.text('limits'))
  if (isRefusal(limits)) return limits
  const requests = parseResources(flags.text('requests'))
  if (isRefusal(requests)) return requests
  const missing: Refusal[] = []
  const change = (object: TreeMap) =>
    withPodSpec(object, (spec) => {
      const changed = withContainers(spec, flags.text('containers'), (container) =>
        withResources(container, canonical(limits), canonical(requests)),
      )
      if (changed === undefined)
        missing.push(refuse(`error: unable to find container named ${flags.text('containers')}`))
      return changed ?? spec
    })
  const refusals = changeObjects(invocation, found.targets, change, {
    dryRun,
    operation: 'resource requirements updated',
    failure: 'failed to patch resources update to pod template ',
  })
  return isRefusal(refusals) ? refusals : severalRefusals([...missing, ...refusals])
}

export const setResources: Command = {
  name: 'resources',
  usage: '(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  short: 'Update resource requests/limits on objects with pod templates',
  examples: ['kubectl set resources deployment web --limits=cpu=200m,memory=512Mi --requests=cpu=100m'],
  flags: {
    ...ALL_FLAG,
    ...changeFlags('kubectl-set'),
    containers: {
      kind: 'string',
      short: 'c',
      default: '*',
      help: 'The containers to change; stars stand for any letters.',
    },
    ...FILENAME_FLAGS('A file, directory or - with the objects to change.'),
    limits: { kind: 'string', help: 'How much at most: cpu=200m,memory=512Mi.' },
    ...LOCAL_FLAG,
    ...RECORD_FLAG,
    requests: { kind: 'string', help: 'How much is reserved: cpu=100m,memory=256Mi.' },
    ...SELECTOR_FLAG,
  },
  run,
}
