/**
 * `kubectl taint`: what keeps Pods away from nodes.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/taint
 */
import { isList, type Tree, type TreeMap, treeAt, withTreeAt } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import { resourceFor } from '../discovery.ts'
import { changeFlags, SELECTOR_FLAG } from '../flag-groups.ts'
import { labelValueProblem } from '../pairs.ts'
import { type DryRun, dryRunOf, dryRunSuffix, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals, usageRefusal } from '../refusal.ts'
import { ask } from '../session.ts'
import { findObjects, type Target, targetPath } from '../targets.ts'
import { fieldValidationOf, managerOf, VALIDATE_FLAG } from './create/generator.ts'

interface Taint {
  readonly key: string
  readonly value: string
  /** Empty when a removal names all effects. */
  readonly effect: string
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

const effectProblem = (effect: string): string | undefined =>
  EFFECTS.includes(effect) ? undefined : `invalid taint effect: ${effect}, unsupported taint effect`

const KEY =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

function keyProblem(key: string): string | undefined {
  return KEY.test(key)
    ? undefined
    : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
}

/** `key=value:effect`, or why it is none. */
function parseTaint(spec: string): Taint | string {
  const parts = spec.split(':')
  const [pair = '', effect = ''] = parts
  if (parts.length > 2) return `invalid taint spec: ${spec}`
  const keyValue = pair.split('=')
  if (keyValue.length > 2) return `invalid taint spec: ${spec}`
  const [key = '', value = ''] = keyValue
  const problem = labelValueProblem(value)
  if (problem) return `invalid taint spec: ${spec}, ${problem}`
  const wrongEffect = parts.length === 2 ? effectProblem(effect) : undefined
  if (wrongEffect) return wrongEffect
  const wrongKey = keyProblem(key)
  return wrongKey ? `invalid taint spec: ${spec}, ${wrongKey}` : { key, value, effect }
}

interface TaintChanges {
  readonly add: readonly Taint[]
  readonly remove: readonly Taint[]
}

function parseTaints(specs: readonly string[]): TaintChanges | string {
  const add: Taint[] = []
  const remove: Taint[] = []
  for (const spec of specs) {
    const removes = spec.endsWith('-')
    const taint = parseTaint(removes ? spec.slice(0, -1) : spec)
    if (typeof taint === 'string') return taint
    if (!removes && taint.effect === '') return `invalid taint spec: ${spec}`
    if (!removes && add.some((other) => other.key === taint.key && other.effect === taint.effect))
      return `duplicated taints with the same key and effect: {${taint.key} ${taint.value} ${taint.effect} <nil>}`
    ;(removes ? remove : add).push(taint)
  }
  return { add, remove }
}

const taintsOf = (node: TreeMap): readonly TreeMap[] => {
  const taints = treeAt(node, 'spec', 'taints')
  return isList(taints) ? (taints as readonly TreeMap[]) : []
}

const matches = (existing: TreeMap, { key, effect }: Taint): boolean =>
  existing.key === key && (effect === '' || existing.effect === effect)

function changeTaints(
  invocation: Invocation,
  node: Target,
  { add, remove }: TaintChanges,
): { readonly taints: readonly Tree[]; readonly operation: string } | Refusal {
  const before = taintsOf(node.object)
  const clash = invocation.flags.on('overwrite')
    ? undefined
    : add.filter((taint) => before.some((existing) => matches(existing, taint)))
  if (clash && clash.length > 0)
    return refuse(
      `node ${node.name} already has ${clash.map(({ key }) => key).join(',')} taint(s) with same effect(s) and --overwrite is false`,
    )
  const missing = remove.find((taint) => !before.some((existing) => matches(existing, taint)))
  if (missing)
    return refuse(
      missing.effect ? `taint "${missing.key}:${missing.effect}" not found` : `taint "${missing.key}" not found`,
    )
  const kept = before.filter(
    (existing) => !add.some((taint) => matches(existing, taint)) && !remove.some((taint) => matches(existing, taint)),
  )
  const replaced = add.some((taint) => before.some((existing) => matches(existing, taint)))
  const operation =
    replaced || (add.length > 0 && remove.length > 0) ? 'modified' : add.length > 0 ? 'tainted' : 'untainted'
  const added = add.map(({ key, value, effect }) => ({ effect, key, ...(value && { value }) }))
  return { taints: [...added, ...kept], operation }
}

function taintOne(
  invocation: Invocation,
  node: Target,
  changes: TaintChanges,
  dryRun: DryRun,
  fieldValidation: string,
): Refusal | undefined {
  const { flags, session } = invocation
  const changed = changeTaints(invocation, node, changes)
  if (isRefusal(changed)) return changed
  const taints = changed.taints.length > 0 ? changed.taints : null
  const printer = printerFor(session, flags, { operation: `${changed.operation}${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  if (dryRun === 'client') return printer.print(withTreeAt(node.object, ['spec', 'taints'], taints ?? []) as TreeMap)
  const patched = ask(session, {
    method: 'PATCH',
    path: targetPath(node),
    query: { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags), fieldValidation },
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { taints } },
  })
  return isRefusal(patched) ? patched : printer.print(patched)
}

const isTaint = (word: string): boolean => word.includes('=') || word.includes(':') || word.endsWith('-')

function run(invocation: Invocation): Ending {
  const { args, flags, path, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const at = args.findIndex(isTaint)
  const resources = at < 0 ? args : args.slice(0, at)
  const specs = at < 0 ? [] : args.slice(at)
  if (resources.length === 0) return refuse('one or more resources must be specified as <resource> <name>')
  if (specs.length === 0) return refuse('at least one taint update is required')
  const changes = parseTaints(specs)
  if (typeof changes === 'string') return usageRefusal(path, changes)
  const resource = resourceFor(session, resources[0]!.split('/')[0]!, 2)
  if (isRefusal(resource)) return resource
  if (resource.plural !== 'nodes') return refuse(`invalid resource type ${resources[0]}, only node types are supported`)
  const both = changes.add.find((taint) =>
    changes.remove.some(({ key, effect }) => key === taint.key && (effect === '' || effect === taint.effect)),
  )
  if (both)
    return refuse(
      `can not both modify and remove the following taint(s) in the same command: ${both.key}:${both.effect}`,
    )
  if (flags.on('all') && flags.text('selector')) return refuse('cannot set --all and --selector at the same time')
  const fieldValidation = fieldValidationOf(flags)
  if (isRefusal(fieldValidation)) return fieldValidation
  const found = findObjects(session, { args: resources, labelSelector: flags.text('selector'), all: flags.on('all') })
  if (isRefusal(found)) return found
  const refusals = found.targets
    .map((node) => taintOne(invocation, node, changes, dryRun, fieldValidation))
    .filter(isRefusal)
  return severalRefusals([...refusals, ...found.refusals])
}

export const taintCommand: Command = {
  name: 'taint',
  usage: 'NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  short: 'Update the taints on one or more nodes',
  group: 'Cluster Management Commands',
  examples: ['kubectl taint nodes node-1 dedicated=batch:NoSchedule', 'kubectl taint nodes node-1 dedicated-'],
  flags: {
    all: { kind: 'bool', help: 'All nodes.' },
    ...changeFlags('kubectl-taint'),
    overwrite: { kind: 'bool', help: 'Replace taints of the same key and effect.' },
    ...SELECTOR_FLAG,
    ...VALIDATE_FLAG,
  },
  run,
  complete: (invocation, prefix) => (invocation.args.length === 0 ? ['node'] : typeThenNames(invocation, prefix).words),
}
