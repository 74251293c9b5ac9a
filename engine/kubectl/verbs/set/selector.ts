/** `kubectl set selector`: which Pods a Service is for. */
import { isMistake, parseSelector } from '../../../api/selector.ts'
import { type TreeMap, withTreeAt } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { ALL_FLAG, changeFlags, LOCAL_FLAG, RECORD_FLAG } from '../../flag-groups.ts'
import { dryRunOf, printerFor } from '../../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { FILENAME_FLAGS } from '../../targets.ts'
import { labelSelectorOf } from '../create/small.ts'
import { changeObjects, findTyped } from './change.ts'

function withSelector(object: TreeMap, selector: TreeMap, version: string): TreeMap | Refusal {
  const labels = selector.matchLabels as TreeMap
  if (object.kind !== 'Service') return refuse('setting a selector is only supported for Services')
  if ((selector.matchExpressions as readonly unknown[]).length > 0)
    return refuse('match expression not supported on this object')
  const changed = withTreeAt(object, ['spec', 'selector'], labels) as TreeMap
  return version ? (withTreeAt(changed, ['metadata', 'resourceVersion'], version) as TreeMap) : changed
}

/** The last argument is the selector; those before it are resources. */
function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const text = args.at(-1)
  const isSelector = text !== undefined && /[=!]|\s(in|notin)\s/.test(text)
  const resources = isSelector ? args.slice(0, -1) : args
  const printer = printerFor(session, flags)
  if (isRefusal(printer)) return printer
  if (!isSelector && args.length > 0 && !flags.on('local')) return noResources()
  if (!isSelector) return refuse('one selector is required')
  const parsed = parseSelector(text)
  if (isMistake(parsed)) return refuse(parsed.mistake)
  const selector = labelSelectorOf(text)
  if (isRefusal(selector)) return selector
  const found = findTyped(invocation, resources)
  if (isRefusal(found)) return found
  const refusals = changeObjects(
    invocation,
    found.targets,
    (object) => withSelector(object, selector, flags.text('resource-version')),
    {
      dryRun,
      operation: 'selector updated',
      failure: '',
      always: true,
    },
  )
  return isRefusal(refusals) ? refusals : severalRefusals(refusals)
}

const noResources = (): Refusal =>
  refuse(`You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`)

export const setSelector: Command = {
  name: 'selector',
  usage: '(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  short: 'Set the selector on a resource',
  examples: ["kubectl set selector service web 'app=web'"],
  flags: {
    ...ALL_FLAG,
    all: { kind: 'bool', help: 'All objects of these types in the namespace.' },
    ...changeFlags('kubectl-set'),
    filename: { kind: 'stringSlice', short: 'f', help: 'A file with the objects to change.' },
    ...LOCAL_FLAG,
    local: { kind: 'bool', help: 'Work on the file alone and ask no server.' },
    ...RECORD_FLAG,
    recursive: { kind: 'bool', short: 'R', default: 'true', help: FILENAME_FLAGS('').recursive!.help },
    kustomize: { kind: 'string', hidden: true, help: '' },
    'resource-version': { kind: 'string', help: 'Only if the object still has this version.' },
  },
  run,
}
