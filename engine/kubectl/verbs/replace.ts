/**
 * `kubectl replace`: the object as the file has it; with --force, a new one in its place.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/replace
 */

import { parseJson } from '../../std/json.ts'
import type { Millis } from '../../std/time.ts'
import { type TreeMap, withTreeAt } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { textAt } from '../describe/text.ts'
import { pathOf } from '../discovery.ts'
import { RECORD_FLAG, SUBRESOURCE_FLAG } from '../flag-groups.ts'
import { readFile } from '../paths.ts'
import { DRY_RUN_FLAG, type DryRun, dryRunOf, dryRunSuffix, PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { isNotFound, isRefusal, type Refusal, refuse, severalRefusals, withContext } from '../refusal.ts'
import { ask, say } from '../session.ts'
import { FILENAME_FLAGS, getTarget, planTargets, type Target, targetPath } from '../targets.ts'
import { validator } from '../validation.ts'
import { cascadeProblem, filenameProblem } from './apply.ts'
import {
  fieldManagerFlag,
  fieldValidationOf,
  managerOf,
  SAVE_CONFIG_FLAG,
  VALIDATE_FLAG,
  withLastApplied,
} from './create/generator.ts'
import { rawRequest } from './raw.ts'

interface Replacing {
  readonly dryRun: DryRun
  readonly fieldValidation: string
}

const prepared = ({ flags }: Invocation, { object }: Target): TreeMap =>
  flags.on('save-config') ? withLastApplied(object, false) : object

const queryOf = ({ flags }: Invocation, { dryRun, fieldValidation }: Replacing) => ({
  ...(dryRun === 'server' && { dryRun: 'All' }),
  ...managerOf(flags),
  fieldValidation,
})

/** Without a resource version of its own, the object takes the present one. */
function replaced(invocation: Invocation, target: Target, options: Replacing): TreeMap | Refusal {
  const { flags, session } = invocation
  const object = prepared(invocation, target)
  if (options.dryRun === 'client') return object
  const subresource = flags.text('subresource') || undefined
  const path = targetPath(target, subresource)
  const own = textAt(object, 'metadata', 'resourceVersion')
  const live = own ? undefined : ask(session, { method: 'GET', path })
  const version = own || (live && !isRefusal(live) ? textAt(live, 'metadata', 'resourceVersion') : '')
  const body = version ? (withTreeAt(object, ['metadata', 'resourceVersion'], version) as TreeMap) : object
  const answer = ask(session, {
    method: 'PUT',
    path,
    query: queryOf(invocation, options),
    contentType: 'application/json',
    body,
  })
  return isRefusal(answer) ? withContext(answer, `error when replacing "${target.source}": `) : answer
}

function problemWith(invocation: Invocation): Refusal | undefined {
  const { flags } = invocation
  const missing = filenameProblem(invocation)
  if (missing) return missing
  const forced = flags.on('force')
  if (flags.number('grace-period') >= 0 && !forced)
    return cascadeProblem(flags.text('cascade')) ?? refuse('--grace-period must have --force specified')
  if (flags.number('timeout') !== 0 && !forced) return refuse('--timeout must have --force specified')
  return undefined
}

function plan(
  invocation: Invocation,
  fieldValidation: string,
): { readonly targets: readonly Target[]; readonly refusals: readonly Refusal[] } | Refusal {
  const { flags, session } = invocation
  const made = planTargets(session, {
    args: [],
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    ...(fieldValidation !== '' && { check: validator(session, fieldValidation) }),
  })
  if (isRefusal(made)) return made
  return made.is === 'targets' ? made : { targets: [], refusals: [] }
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const problem = problemWith(invocation)
  if (problem) return problem
  const fieldValidation = fieldValidationOf(flags)
  if (isRefusal(fieldValidation)) return fieldValidation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  if (flags.on('force') && dryRun !== 'none') return refuse('--dry-run can not be used when --force is set')
  if (flags.text('raw')) return replaceRaw(invocation)
  if (flags.on('force')) return forceReplace(invocation)
  const printer = printerFor(session, flags, { operation: `replaced${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const planned = plan(invocation, fieldValidation)
  if (isRefusal(planned)) return planned
  const refusals: Refusal[] = []
  for (const target of planned.targets) {
    const object = replaced(invocation, target, { dryRun, fieldValidation })
    const refusal = isRefusal(object) ? object : printer.print(object)
    if (refusal) refusals.push(refusal)
  }
  return severalRefusals([...refusals, ...planned.refusals])
}

function replaceRaw(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const file = flags.list('filename')[0]!
  const text = file === '-' ? session.client.stdin : readFile(session.client, file)
  const parsed = parseJson(String(text ?? ''))
  return 'problem' in parsed
    ? refuse(parsed.problem)
    : rawRequest(invocation, 'PUT', flags.text('raw'), parsed.value as TreeMap)
}

// ---- with force: delete, wait, create -------------------------------------------------------------------------

interface Forcing {
  readonly left: readonly Target[]
  readonly until: Millis
}

function deleteOld(invocation: Invocation, target: Target): Refusal | undefined {
  const { flags, session } = invocation
  const given = flags.number('grace-period')
  const grace = given === 0 ? 1 : given
  const cascade = flags.text('cascade')
  const propagationPolicy = cascade.charAt(0).toUpperCase() + cascade.slice(1)
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(grace >= 0 && { gracePeriodSeconds: grace }),
    propagationPolicy,
  }
  const gone = ask(session, { method: 'DELETE', path: targetPath(target), contentType: 'application/json', body })
  if (isRefusal(gone)) return isNotFound(gone) ? undefined : gone
  const name = `${target.resource.singular}${target.resource.group ? `.${target.resource.group}` : ''}`
  if (flags.text('output') === '')
    say(
      session,
      `${name} "${target.name}" ${given === 0 ? 'force deleted' : 'deleted'}${target.namespace ? ` from ${target.namespace} namespace` : ''}\n`,
    )
  return undefined
}

function forceReplace(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const planned = plan(invocation, '')
  if (isRefusal(planned)) return planned
  const [problem] = planned.refusals
  if (problem) return problem
  for (const target of planned.targets) {
    const refusal = deleteOld(invocation, target)
    if (refusal) return refusal
  }
  const timeout = flags.number('timeout') || 300_000
  return awaitEnd(invocation, { left: planned.targets, until: session.client.now + timeout })
}

function awaitEnd(invocation: Invocation, { left, until }: Forcing): Ending {
  const { session } = invocation
  for (const [index, target] of left.entries()) {
    const object = getTarget(session, target)
    if (isRefusal(object) && isNotFound(object)) continue
    if (isRefusal(object)) return object
    if (session.client.now >= until) return refuse('timed out waiting for the condition')
    return goOn({ left: left.slice(index), until } as unknown as Progress, 1000)
  }
  return createNew(invocation)
}

function createNew(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const fieldValidation = fieldValidationOf(flags)
  if (isRefusal(fieldValidation)) return fieldValidation
  const printer = printerFor(session, flags, { operation: 'replaced' })
  if (isRefusal(printer)) return printer
  const planned = plan(invocation, fieldValidation)
  if (isRefusal(planned)) return planned
  const refusals: Refusal[] = [...planned.refusals]
  for (const target of planned.targets) {
    const created = ask(session, {
      method: 'POST',
      path: pathOf(target.resource, target.namespace || undefined),
      query: queryOf(invocation, { dryRun: 'none', fieldValidation }),
      contentType: 'application/json',
      body: prepared(invocation, target),
    })
    const refusal = isRefusal(created) ? created : printer.print(created)
    if (refusal) refusals.push(refusal)
  }
  if (planned.targets.length === 0 && refusals.length === 0) return refuse('no objects passed to replace')
  return severalRefusals(refusals)
}

export const replaceCommand: Command = {
  name: 'replace',
  usage: '-f FILENAME',
  short: 'Replace a resource by file name or stdin',
  group: 'Advanced Commands',
  help: 'Put the object of a file in the place of the one that is there. The file must hold all of it.',
  examples: ['kubectl replace -f pod.yaml', 'kubectl replace --force -f pod.yaml'],
  flags: {
    ...PRINT_FLAGS,
    cascade: {
      kind: 'string',
      default: 'background',
      alone: 'background',
      help: 'What becomes of dependents: "background", "orphan", or "foreground".',
    },
    ...DRY_RUN_FLAG,
    ...fieldManagerFlag('kubectl-replace'),
    ...FILENAME_FLAGS('The files to use to replace the objects.'),
    force: { kind: 'bool', help: 'Delete the object and create it anew.' },
    'grace-period': {
      kind: 'int',
      default: '-1',
      help: 'Seconds to end gracefully; negative is ignored, 1 is at once.',
    },
    raw: { kind: 'string', help: 'A path of the API to PUT to.' },
    ...RECORD_FLAG,
    ...SAVE_CONFIG_FLAG,
    ...SUBRESOURCE_FLAG,
    timeout: { kind: 'duration', help: 'How long to wait for the deletion; zero decides by the object.' },
    ...VALIDATE_FLAG,
    wait: { kind: 'bool', help: 'Wait until the objects are gone.' },
  },
  run,
  follow: (invocation, progress) => awaitEnd(invocation, progress as unknown as Forcing),
}
