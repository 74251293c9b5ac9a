/**
 * `kubectl apply`: makes the cluster's objects as the manifests say. On this side it compares three versions (what was applied last,
 * what is wanted, what is there) and sends the difference; with --server-side the server does it, by owners of fields.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/apply
 * Left out: --prune, --force, apply sets, and the migration of owners when a client-side apply is followed by a server-side one.
 */
import { kindOfObject } from '../../api/schema-table.ts'
import { goJsonOf } from '../../std/go-value.ts'
import { isMap, type TreeMap, treeAt, withoutKey, withTreeAt } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { pathOf } from '../discovery.ts'
import { ALL_FLAG, changeFlags, SELECTOR_FLAG } from '../flag-groups.ts'
import { type DryRun, dryRunOf, dryRunSuffix, type Printer, printerFor } from '../printers/output.ts'
import {
  isNotFound,
  isRefusal,
  messageOf,
  type Refusal,
  refuse,
  severalRefusals,
  usageRefusal,
  withContext,
} from '../refusal.ts'
import { ask, warn } from '../session.ts'
import { threeWayMergePatch, threeWayPatch } from '../strategic-diff.ts'
import { FILENAME_FLAGS, getTarget, planTargets, type Target, targetPath } from '../targets.ts'
import { validator } from '../validation.ts'
import { editLastApplied, setLastApplied, viewLastApplied } from './apply/last-applied.ts'
import { fieldValidationOf, LAST_APPLIED, managerOf, VALIDATE_FLAG } from './create/generator.ts'

/** What is wanted, without the note of what was applied before. */
export function withoutNote(object: TreeMap): TreeMap {
  const metadata = isMap(object.metadata) ? object.metadata : {}
  const annotations = isMap(metadata.annotations) ? withoutKey(metadata.annotations, LAST_APPLIED) : {}
  return { ...object, metadata: { ...metadata, annotations } }
}

/** The manifest with the note of itself that the next apply will compare with. */
export function withNote(object: TreeMap): TreeMap {
  const bare = withoutNote(object)
  return withTreeAt(bare, ['metadata', 'annotations', LAST_APPLIED], `${goJsonOf(bare)}\n`) as TreeMap
}

export function lastAppliedOf(object: TreeMap): TreeMap | undefined {
  const text = treeAt(object, 'metadata', 'annotations', LAST_APPLIED)
  if (typeof text !== 'string') return undefined
  const parsed: unknown = JSON.parse(text)
  return isMap(parsed) ? parsed : undefined
}

export function describeTarget({ resource, name, namespace }: Target): string {
  const { group, version, plural, kind } = resource
  return `Resource: "${group}/${version}, Resource=${plural}", GroupVersionKind: "${group}/${version}, Kind=${kind}"\nName: "${name}", Namespace: "${namespace}"`
}

/** The patch that leads from what is there to what is wanted. */
export function applyPatchFor(
  target: Target,
  live: TreeMap,
  wanted: TreeMap = withNote(target.object),
): { readonly patch: TreeMap; readonly contentType: string } {
  const last = lastAppliedOf(live) ?? {}
  const type = kindOfObject(String(target.object.apiVersion), target.resource.kind)?.type
  return type
    ? { patch: threeWayPatch(last, wanted, live, type), contentType: 'application/strategic-merge-patch+json' }
    : { patch: threeWayMergePatch(last, wanted, live), contentType: 'application/merge-patch+json' }
}

interface Setting {
  readonly invocation: Invocation
  readonly dryRun: DryRun
  readonly query: Readonly<Record<string, string>>
}

function createMissing({ invocation, dryRun, query }: Setting, target: Target): TreeMap | Refusal {
  const object = withNote(target.object)
  if (dryRun === 'client') return object
  const created = ask(invocation.session, {
    method: 'POST',
    path: pathOf(target.resource, target.namespace || undefined),
    query,
    contentType: 'application/json',
    body: object,
  })
  return isRefusal(created) ? withContext(created, `error when creating "${target.source}": `) : created
}

function warnOfMissingNote({ session }: Invocation, target: Target, live: TreeMap): void {
  if (lastAppliedOf(live)) return
  warn(
    session,
    `resource ${target.resource.plural}/${target.name} is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
  )
}

interface Applied {
  readonly object: TreeMap
  readonly operation: string
}

function patchLive(setting: Setting, target: Target, live: TreeMap): Applied | Refusal {
  const { invocation, dryRun, query } = setting
  warnOfMissingNote(invocation, target, live)
  const { patch, contentType } = applyPatchFor(target, live)
  if (Object.keys(patch).length === 0) return { object: live, operation: 'unchanged' }
  if (dryRun === 'client') return { object: withNote(target.object), operation: 'configured' }
  const patched = ask(invocation.session, {
    method: 'PATCH',
    path: targetPath(target),
    query,
    contentType,
    body: patch,
  })
  if (isRefusal(patched))
    return withContext(
      patched,
      `error when applying patch:\n${goJsonOf(patch)}\nto:\n${describeTarget(target)}\nfor: "${target.source}": `,
    )
  return { object: patched, operation: 'configured' }
}

function applyHere(setting: Setting, target: Target): Applied | Refusal {
  const live = getTarget(setting.invocation.session, target)
  if (!isRefusal(live)) return patchLive(setting, target, live)
  if (
    !isNotFound(live) ||
    (live.by === 'server' && live.status.details?.kind === 'namespaces' && target.resource.plural !== 'namespaces')
  ) {
    const home = isNotFound(live)
    return home
      ? withContext(live, `error when creating "${target.source}": `)
      : withContext(
          live,
          `error when retrieving current configuration of:\n${describeTarget(target)}\nfrom server for: "${target.source}": `,
        )
  }
  const created = createMissing(setting, target)
  return isRefusal(created) ? created : { object: created, operation: 'created' }
}

const CONFLICT_HELP = `
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`

function applyThere({ invocation, query }: Setting, target: Target): Applied | Refusal {
  const { flags, session } = invocation
  const applied = ask(session, {
    method: 'PATCH',
    path: targetPath(target),
    query: { ...query, force: String(flags.on('force-conflicts')) },
    contentType: 'application/apply-patch+yaml',
    body: target.object,
  })
  if (!isRefusal(applied)) return { object: applied, operation: 'serverside-applied' }
  const conflict = applied.by === 'server' && applied.status.reason === 'Conflict'
  return conflict ? refuse(`${messageOf(applied)}${CONFLICT_HELP}`) : applied
}

function applyOne(setting: Setting, target: Target): Applied | Refusal {
  const generateName = treeAt(target.object, 'metadata', 'generateName')
  if (target.name === '' && typeof generateName === 'string' && generateName)
    return refuse(`from ${generateName}: cannot use generate name with apply`)
  return setting.invocation.flags.on('server-side') ? applyThere(setting, target) : applyHere(setting, target)
}

function problemWith({ args, flags, path }: Invocation, dryRun: DryRun): Refusal | undefined {
  if (args.length > 0) return usageRefusal(path, `Unexpected args: [${args.join(' ')}]`)
  if (flags.on('force') && flags.on('server-side')) return refuse('--force cannot be used with --server-side')
  if (dryRun === 'client' && flags.on('server-side'))
    return refuse("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)")
  if (flags.on('force-conflicts') && !flags.on('server-side'))
    return refuse('--force-conflicts only works with --server-side')
  if (flags.on('force') && dryRun === 'server') return refuse('--dry-run=server cannot be used with --force')
  if (flags.on('all') && flags.text('selector')) return refuse('cannot set --all and --selector at the same time')
  if (flags.on('prune') && !flags.on('all') && !flags.text('selector'))
    return refuse(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    )
  return undefined
}

const CASCADE = ['background', 'foreground', 'orphan', 'true', 'false']

export const cascadeProblem = (value: string): Refusal | undefined =>
  CASCADE.includes(value)
    ? undefined
    : refuse(`invalid cascade value (${value}). Must be "background", "foreground", or "orphan"`)

/** Which -f or -k was given, or that none or both were. */
export function filenameProblem({ flags }: Invocation): Refusal | undefined {
  const [files, kustomize] = [flags.list('filename'), flags.text('kustomize')]
  if (files.length === 0 && !kustomize) return refuse('must specify one of -f and -k')
  return files.length > 0 && kustomize ? refuse('only one of -f or -k can be specified') : undefined
}

const ALLOWED_KIND = /^[^/]*\/[^/]+\/[^/]+$/

function pruneProblem({ flags }: Invocation): Refusal | undefined {
  const wrong = flags.list('prune-allowlist').find((text) => !ALLOWED_KIND.test(text))
  return wrong === undefined
    ? undefined
    : refuse(`invalid GroupVersionKind format: ${wrong}, please follow <group/version/kind>`)
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const problem =
    (invocation.args.length > 0 ? undefined : filenameProblem(invocation)) ??
    problemWith(invocation, dryRun) ??
    cascadeProblem(flags.text('cascade')) ??
    pruneProblem(invocation)
  if (problem) return problem
  const fieldValidation = fieldValidationOf(flags)
  if (isRefusal(fieldValidation)) return fieldValidation
  if (flags.on('prune')) return refuse('--prune is not modelled: delete what is no longer wanted with kubectl delete')
  if (flags.on('force')) return refuse('--force is not modelled: delete the object and apply again')
  return applyAll(invocation, dryRun, fieldValidation)
}

function applyAll(invocation: Invocation, dryRun: DryRun, fieldValidation: string): Ending {
  const { flags, session } = invocation
  const plan = planTargets(session, {
    args: [],
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    check: validator(session, fieldValidation),
  })
  if (isRefusal(plan)) return plan
  if (plan.is !== 'targets') return refuse('no objects passed to apply')
  const refusals: Refusal[] = [...plan.refusals]
  if (refusals.length === 0 && plan.targets.length === 0) return refuse('no objects passed to apply')
  const serverSide = flags.on('server-side')
  const manager = serverSide && !flags.given('field-manager') ? { fieldManager: 'kubectl' } : managerOf(flags)
  const query = { ...(dryRun === 'server' && { dryRun: 'All' }), ...manager, fieldValidation }
  const printers = new Map<string, Printer | Refusal>()
  for (const target of plan.targets) {
    const applied = applyOne({ invocation, dryRun, query }, target)
    const refusal = isRefusal(applied) ? applied : printApplied(invocation, printers, applied, dryRun)
    if (refusal) refusals.push(refusal)
  }
  return severalRefusals(refusals)
}

/** One printer an operation, so that documents are separated. */
function printApplied(
  { flags, session }: Invocation,
  printers: Map<string, Printer | Refusal>,
  { object, operation }: Applied,
  dryRun: DryRun,
): Refusal | undefined {
  const key = flags.text('output') || flags.text('template') ? '' : operation
  const printer = printers.get(key) ?? printerFor(session, flags, { operation: `${operation}${dryRunSuffix(dryRun)}` })
  printers.set(key, printer)
  return isRefusal(printer) ? printer : printer.print(object)
}

export const applyCommand: Command = {
  name: 'apply',
  usage: '(-f FILENAME | -k DIRECTORY)',
  short: 'Apply a configuration to a resource by file name or stdin',
  group: 'Advanced Commands',
  help: 'Make objects as the manifests say: create those that are missing, change those that differ.',
  examples: [
    'kubectl apply -f deployment.yaml',
    'cat pod.yaml | kubectl apply -f -',
    'kubectl apply --server-side -f app/',
  ],
  flags: {
    ...ALL_FLAG,
    cascade: {
      kind: 'string',
      default: 'background',
      alone: 'background',
      help: 'What becomes of dependents of deleted objects: background, orphan or foreground.',
    },
    ...changeFlags('kubectl-client-side-apply'),
    ...FILENAME_FLAGS('A file, directory or - with the objects to apply.'),
    force: { kind: 'bool', help: 'Delete and create again where a change is refused.' },
    'force-conflicts': { kind: 'bool', help: 'With --server-side, take fields over from other managers.' },
    'grace-period': { kind: 'int', default: '-1', help: 'Seconds given to objects to end, when they must be deleted.' },
    'openapi-patch': { kind: 'bool', default: 'true', help: 'Use the schema of the server to compute differences.' },
    overwrite: {
      kind: 'bool',
      default: 'true',
      help: 'Settle differences between the cluster and the manifest for the manifest.',
    },
    prune: { kind: 'bool', help: 'Delete objects that were applied once and are not named any more.' },
    'prune-allowlist': { kind: 'stringArray', help: 'Kinds, as group/version/kind, that --prune may delete.' },
    ...SELECTOR_FLAG,
    'server-side': { kind: 'bool', help: 'Let the server do it, which knows who owns which field.' },
    timeout: { kind: 'duration', default: '0s', help: 'How long to wait for deletions.' },
    ...VALIDATE_FLAG,
    wait: { kind: 'bool', help: 'Wait until deleted objects are gone.' },
  },
  commands: [editLastApplied, setLastApplied, viewLastApplied],
  run,
}
