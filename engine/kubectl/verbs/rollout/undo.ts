/**
 * `kubectl rollout undo`: back to the version before, or to one that is named.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_undo.go, pkg/polymorphichelpers/rollback.go
 */
import { sameTree, type TreeMap, withoutKey } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { podTemplateText } from '../../describe/pod-template.ts'
import { mapAt, textAt } from '../../describe/text.ts'
import { DRY_RUN_FLAG, type DryRun, dryRunOf, dryRunSuffix, PRINT_FLAGS, printerFor } from '../../printers/output.ts'
import { isRefusal, messageOf, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { ACCEPT_TYPED, ask, complain } from '../../session.ts'
import { type Target, targetPath } from '../../targets.ts'
import { LAST_APPLIED } from '../create/generator.ts'
import { type History, historyOf, REVISION, type Revision } from './revisions.ts'
import { completeRollout, findRollouts, missingResource, ROLLOUT_FLAGS } from './subjects.ts'

const KEPT = [
  LAST_APPLIED,
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

const withoutHash = (template: TreeMap): TreeMap => {
  const metadata = mapAt(template, 'metadata')
  return { ...template, metadata: { ...metadata, labels: withoutKey(mapAt(metadata, 'labels'), 'pod-template-hash') } }
}

/** The version to go back to: 0 means the one before the present one. */
function chosen({ workload, revisions }: History, number: number): Revision | Refusal {
  const missing = (): Refusal => refuse(`unable to find specified revision ${number} in history`)
  if (number < 0) return missing()
  if (number > 0) return revisions.find((one) => one.number === number) ?? missing()
  if (revisions.length > 1) return revisions.at(-2)!
  return workload.kind === 'Deployment'
    ? refuse(`no rollout history found for deployment "${textAt(workload, 'metadata', 'name')}"`)
    : refuse('no last revision to roll back to')
}

function annotationsAfter(workload: TreeMap, set: TreeMap): TreeMap {
  const own = Object.entries(mapAt(workload, 'metadata', 'annotations')).filter(([key]) => KEPT.includes(key))
  const old = Object.entries(mapAt(set, 'metadata', 'annotations')).filter(([key]) => !KEPT.includes(key))
  return Object.fromEntries([...own, ...old])
}

/** A Deployment is patched place by place, the others with the patch that their revision keeps. */
function patchFor(workload: TreeMap, revision: Revision): { readonly contentType: string; readonly body: TreeMap } {
  if (workload.kind !== 'Deployment')
    return { contentType: 'application/strategic-merge-patch+json', body: mapAt(revision.keeper, 'data') }
  const operations = [
    { op: 'replace', path: '/spec/template', value: withoutHash(mapAt(revision.keeper, 'spec', 'template')) },
    { op: 'replace', path: '/metadata/annotations', value: annotationsAfter(workload, revision.keeper) },
  ]
  return { contentType: 'application/json-patch+json', body: operations as unknown as TreeMap }
}

/** What was done, in words, or why not. */
function rollBack({ flags, session }: Invocation, target: Target, dryRun: DryRun): string | Refusal {
  const number = flags.number('to-revision')
  const history = historyOf(session, target, 'rollbacker')
  if (isRefusal(history)) return history
  const { workload } = history
  const revision = chosen(history, number)
  if (isRefusal(revision)) return revision
  const isDeployment = workload.kind === 'Deployment'
  const described = podTemplateText(revision.template)
  if (dryRun === 'client') return isDeployment ? described : `will roll back to ${described}`
  if (mapAt(workload, 'spec').paused === true)
    return refuse(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    )
  const present = mapAt(workload, 'spec', 'template')
  const same = isDeployment
    ? sameTree(withoutHash(mapAt(revision.keeper, 'spec', 'template')), withoutHash(present))
    : sameTree(revision.template, present)
  if (same) return `skipped rollback (current template already matches revision ${number})`
  const patched = ask(session, {
    method: 'PATCH',
    path: targetPath(target),
    query: { ...(dryRun === 'server' && { dryRun: 'All' }) },
    accept: ACCEPT_TYPED,
    ...patchFor(workload, revision),
  })
  return isRefusal(patched) ? refuse(`failed restoring revision ${number}: ${messageOf(patched)}`) : 'rolled back'
}

function undo(invocation: Invocation, target: Target, dryRun: DryRun): Refusal | undefined {
  const { flags, session } = invocation
  if (LAST_APPLIED in mapAt(target.object, 'metadata', 'annotations'))
    complain(
      session,
      `Warning: resource ${target.resource.plural}/${target.name} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`,
    )
  const done = rollBack(invocation, target, dryRun)
  if (isRefusal(done)) return done
  const printer = printerFor(session, flags, { keepOrder: true, operation: done + dryRunSuffix(dryRun) })
  return isRefusal(printer) ? printer : printer.print(target.object)
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const missing = missingResource(invocation)
  if (missing) return missing
  const found = findRollouts(invocation)
  if (isRefusal(found)) return found
  const refusals = found.targets
    .map((target) => undo(invocation, target, dryRun))
    .filter((refusal) => refusal !== undefined)
  return severalRefusals([...found.refusals, ...refusals])
}

export const rolloutUndo: Command = {
  name: 'undo',
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  short: 'Undo a previous rollout',
  help: 'Go back to the version before this one, or to the one that --to-revision names.',
  examples: ['kubectl rollout undo deployment/web', 'kubectl rollout undo daemonset/agent --to-revision=3'],
  flags: {
    ...DRY_RUN_FLAG,
    ...ROLLOUT_FLAGS,
    ...PRINT_FLAGS,
    'to-revision': { kind: 'int64', help: 'The version to go back to; 0 for the last one.' },
  },
  run,
  complete: completeRollout(['deployment', 'daemonset', 'statefulset']),
}
