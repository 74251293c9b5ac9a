/**
 * `kubectl rollout pause`, `resume` and `restart`: small changes of a workload, each sent as a patch.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/rollout, pkg/polymorphichelpers/objectpauser.go, objectrestarter.go
 */
import { unixTimestamp } from '../../../std/time.ts'
import type { TreeMap } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { mapAt, textAt } from '../../describe/text.ts'
import { resourceName } from '../../discovery.ts'
import { PRINT_FLAGS, printerFor } from '../../printers/output.ts'
import { isRefusal, messageOf, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { ask } from '../../session.ts'
import { type Target, targetPath } from '../../targets.ts'
import { fieldManagerFlag, managerOf } from '../create/generator.ts'
import {
  ACCEPT_ANY,
  completeRollout,
  findRollouts,
  groupKind,
  missingResource,
  ROLLOUT_FLAGS,
  sayNothingFound,
} from './subjects.ts'

/** A patch, or what to say instead. */
type Change = (target: Target, invocation: Invocation) => TreeMap | string

const isPaused = ({ object }: Target): boolean => mapAt(object, 'spec').paused === true

const pauseChange: Change = (target) => {
  if (groupKind(target.resource) !== 'Deployment.apps') return 'pausing is not supported'
  return isPaused(target) ? 'is already paused' : { spec: { paused: true } }
}

const resumeChange: Change = (target) => {
  if (groupKind(target.resource) !== 'Deployment.apps') return 'resuming is not supported'
  return isPaused(target) ? { spec: { paused: null } } : 'is not paused'
}

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'

const restartChange: Change = (target, { session }) => {
  if (!['Deployment.apps', 'DaemonSet.apps', 'StatefulSet.apps'].includes(groupKind(target.resource)))
    return 'restarting is not supported'
  if (isPaused(target)) return "can't restart paused deployment (run rollout resume first)"
  const now = unixTimestamp(session.client.nowUnix)
  if (textAt(target.object, 'spec', 'template', 'metadata', 'annotations', RESTARTED_AT) === now) return {}
  return { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: now } } } } }
}

function sendChange(invocation: Invocation, target: Target, body: TreeMap, operation: string): Refusal | undefined {
  const { flags, session } = invocation
  const changed = ask(session, {
    method: 'PATCH',
    path: targetPath(target),
    query: managerOf(flags),
    accept: ACCEPT_ANY,
    contentType: 'application/strategic-merge-patch+json',
    body,
  })
  if (isRefusal(changed)) return refuse(`failed to patch: ${messageOf(changed)}`)
  const printer = printerFor(session, flags, { keepOrder: true, operation })
  return isRefusal(printer) ? printer : printer.print(changed)
}

function change(invocation: Invocation, target: Target, changeOf: Change, operation: string): Refusal | undefined {
  const wanted = changeOf(target, invocation)
  if (typeof wanted === 'string') return refuse(`error: ${resourceName(target.resource)} "${target.name}" ${wanted}`)
  if (Object.keys(wanted).length === 0)
    return refuse(
      `failed to create patch for ${target.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
    )
  return sendChange(invocation, target, wanted, operation)
}

const runChange =
  (changeOf: Change, operation: string) =>
  (invocation: Invocation): Ending => {
    const missing = missingResource(invocation)
    if (missing) return missing
    const found = findRollouts(invocation)
    if (isRefusal(found)) return found
    if (found.targets.length === 0 && found.refusals.length === 0) sayNothingFound(invocation)
    const refusals = found.targets
      .map((target) => change(invocation, target, changeOf, operation))
      .filter((refusal) => refusal !== undefined)
    return severalRefusals([...found.refusals, ...refusals])
  }

const FLAGS = { ...fieldManagerFlag('kubectl-rollout'), ...ROLLOUT_FLAGS, ...PRINT_FLAGS }

export const rolloutPause: Command = {
  name: 'pause',
  usage: 'RESOURCE',
  short: 'Mark the provided resource as paused',
  help: 'Stop a Deployment from acting on changes of its template.',
  examples: ['kubectl rollout pause deployment/web'],
  flags: FLAGS,
  run: runChange(pauseChange, 'paused'),
  complete: completeRollout(['deployment']),
}

export const rolloutResume: Command = {
  name: 'resume',
  usage: 'RESOURCE',
  short: 'Resume a paused resource',
  help: 'Let a paused Deployment act on changes again.',
  examples: ['kubectl rollout resume deployment/web'],
  flags: FLAGS,
  run: runChange(resumeChange, 'resumed'),
  complete: completeRollout(['deployment']),
}

export const rolloutRestart: Command = {
  name: 'restart',
  usage: 'RESOURCE',
  short: 'Restart a resource',
  help: 'Replace all Pods by new ones of the same template, as a rollout does.',
  examples: ['kubectl rollout restart deployment/web'],
  flags: FLAGS,
  run: runChange(restartChange, 'restarted'),
  complete: completeRollout(['deployment', 'daemonset', 'statefulset']),
}
