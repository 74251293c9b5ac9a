/**
 * What all `kubectl set …` have in common: each object is changed on this side, and the difference is sent as a patch.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/set/helper.go, pkg/polymorphichelpers/updatepodspec.go
 */
import { kindOfObject } from '../../../api/schema-table.ts'
import { isList, isMap, type Tree, type TreeMap, treeAt, withTreeAt } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { resourceName } from '../../discovery.ts'
import { goTypeOf } from '../../go-types.ts'
import { type DryRun, dryRunSuffix, type Printer, printerFor } from '../../printers/output.ts'
import { isRefusal, messageOf, type Refusal, refuse } from '../../refusal.ts'
import { ask } from '../../session.ts'
import { twoWayPatch } from '../../strategic-diff.ts'
import { type Found, findObjects, type Target, targetPath } from '../../targets.ts'
import { isBuiltIn, typedObject } from '../../typed.ts'
import { managerOf } from '../create/generator.ts'

/** Where each kind keeps its Pod template. */
const POD_SPEC: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
}

export const podSpecPath = (object: TreeMap): readonly string[] | undefined => POD_SPEC[String(object.kind)]

/** The object with another Pod spec, or why it has none. */
export function withPodSpec(object: TreeMap, change: (spec: TreeMap) => TreeMap | Refusal): TreeMap | Refusal {
  const path = podSpecPath(object)
  if (!path) return refuse(`the object is not a pod or does not have a pod template: ${goTypeOf(object)}`)
  const spec = treeAt(object, ...path)
  const changed = change(isMap(spec) ? spec : {})
  return isRefusal(changed) ? changed : (withTreeAt(object, path, changed) as TreeMap)
}

/** `s*`: parts of a name with stars between. */
export function matchesName(name: string, pattern: string): boolean {
  if (!pattern.includes('*')) return name === pattern
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('.*')}$`).test(name)
}

export const containersOf = (spec: TreeMap, list: 'containers' | 'initContainers'): readonly TreeMap[] => {
  const value = spec[list]
  return isList(value) ? (value as readonly TreeMap[]) : []
}

/** Changes the containers a pattern picks; undefined when it picks none. */
export function withContainers(
  spec: TreeMap,
  pattern: string,
  change: (container: TreeMap) => TreeMap | Refusal,
): TreeMap | Refusal | undefined {
  let found = false
  let result = spec
  for (const list of ['containers', 'initContainers'] as const) {
    const changed: Tree[] = []
    for (const container of containersOf(spec, list)) {
      const picked = matchesName(String(container.name), pattern)
      const next = picked ? change(container) : container
      if (isRefusal(next)) return next
      found ||= picked
      changed.push(next)
    }
    if (changed.length > 0) result = { ...result, [list]: changed }
  }
  return found ? result : undefined
}

export interface ChangeOptions {
  readonly dryRun: DryRun
  /** `image updated` */
  readonly operation: string
  /** What stands before the server's refusal. */
  readonly failure: string
  /** Print even when nothing has changed. */
  readonly always?: true
}

const named = (target: Target, local: boolean): string =>
  local ? `${target.resource.singular}/${target.name}` : `${resourceName(target.resource).split('.')[0]}/${target.name}`

/** Finds what a `set` command is about, in the typed form. */
export function findTyped(invocation: Invocation, resources: readonly string[]): Found | Refusal {
  const { flags, session } = invocation
  const local = flags.on('local')
  const found = findObjects(session, {
    args: local ? [] : resources,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: local || !flags.given('selector') ? '' : flags.text('selector'),
    all: flags.on('all'),
    local,
    latest: !local,
  })
  if (isRefusal(found)) return found
  const unknown = found.targets.find(({ object }) => !isBuiltIn(object))
  if (unknown)
    return refuse(
      `unable to decode "${unknown.source}": no kind "${unknown.resource.kind}" is registered for version "${String(unknown.object.apiVersion)}" in scheme "pkg/runtime/scheme.go:111"`,
    )
  const [first] = found.refusals
  if (first) return first
  return { ...found, targets: found.targets.map((target) => ({ ...target, object: typedObject(target.object) })) }
}

/** Changes each object, shows it or sends the difference. Returns what went wrong on the way. */
export function changeObjects(
  invocation: Invocation,
  targets: readonly Target[],
  change: (object: TreeMap) => TreeMap | Refusal | undefined,
  options: ChangeOptions,
): readonly Refusal[] | Refusal {
  const { flags, session } = invocation
  const printer = printerFor(session, flags, {
    keepOrder: true,
    operation: `${options.operation}${dryRunSuffix(options.dryRun)}`,
  })
  if (isRefusal(printer)) return printer
  const refusals: Refusal[] = []
  for (const target of targets) {
    const changed = change(target.object)
    if (changed === undefined) continue
    const refusal = isRefusal(changed)
      ? refuse(`error: ${named(target, flags.on('local'))} ${messageOf(changed)}\n`)
      : sendChange(invocation, target, typedObject(changed), options, printer)
    if (refusal) refusals.push(refusal)
  }
  return refusals
}

function sendChange(
  { flags, session }: Invocation,
  target: Target,
  changed: TreeMap,
  options: ChangeOptions,
  printer: Printer,
): Refusal | undefined {
  const type = kindOfObject(String(changed.apiVersion), String(changed.kind))?.type
  const patch = twoWayPatch(target.object, changed, type)
  if (Object.keys(patch).length === 0 && !options.always) return undefined
  if (flags.on('local') || options.dryRun === 'client') return printer.print(changed)
  const actual = ask(session, {
    method: 'PATCH',
    path: targetPath(target),
    query: { ...(options.dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags) },
    contentType: 'application/strategic-merge-patch+json',
    body: patch,
  })
  if (isRefusal(actual)) return options.failure ? refuse(`${options.failure}${messageOf(actual)}`) : actual
  return printer.print(typedObject(actual))
}

export const LOCAL_ARGUMENTS = `error: you must specify resources by --filename when --local is set.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'`
