/** `kubectl patch`: changes fields of an object by a patch of one of three kinds. */
import { goQuote } from '../../std/go-text.ts'
import { sameTree, type Tree, type TreeMap } from '../../std/tree.ts'
import { parseYaml } from '../../std/yaml.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import { changeFlags, LOCAL_FLAG, RECORD_FLAG, SUBRESOURCE_FLAG } from '../flag-groups.ts'
import { applyPatch, type PatchKind } from '../local-patch.ts'
import { readFile } from '../paths.ts'
import { type DryRun, dryRunOf, printerFor } from '../printers/output.ts'
import { isRefusal, messageOf, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ask } from '../session.ts'
import { FILENAME_FLAGS, getTarget, planTargets, type Target, targetPath } from '../targets.ts'
import { managerOf } from './create/generator.ts'

const CONTENT_TYPE: Readonly<Record<PatchKind, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

function patchText({ flags, session }: Invocation): string | Refusal {
  const file = flags.text('patch-file')
  if (!file) return flags.text('patch')
  const content = readFile(session.client, file)
  if (content === undefined) return refuse(`unable to read patch file: open ${file}: no such file or directory`)
  return typeof content === 'string' ? content : ''
}

function problemWith({ args, flags }: Invocation, dryRun: DryRun): Refusal | undefined {
  const type = flags.text('type')
  if (flags.text('patch') && flags.text('patch-file')) return refuse('cannot specify --patch and --patch-file together')
  if (!flags.text('patch') && !flags.text('patch-file'))
    return refuse('must specify --patch or --patch-file containing the contents of the patch')
  if (flags.on('local') && args.length > 0) return refuse('cannot specify --local and server resources')
  if (flags.on('local') && dryRun === 'server')
    return refuse('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  return type.toLowerCase() in CONTENT_TYPE
    ? undefined
    : refuse(`--type must be one of [json merge strategic], not ${goQuote(type)}`)
}

/** The object that the patch leads to, on the server or here. */
function patchOne(
  { flags, session }: Invocation,
  target: Target,
  patch: Tree,
  kind: PatchKind,
  dryRun: DryRun,
): Tree | Refusal {
  if (flags.on('local') || dryRun === 'client') return applyPatch(target.object, patch, kind)
  const patched = ask(session, {
    method: 'PATCH',
    path: targetPath(target, flags.text('subresource') || undefined),
    query: { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags) },
    contentType: CONTENT_TYPE[kind],
    body: patch,
  })
  const unsupported = isRefusal(patched) && patched.by === 'server' && patched.status.reason === 'UnsupportedMediaType'
  if (!unsupported) return patched
  const { group, version, kind: name } = target.resource
  return refuse(
    `${CONTENT_TYPE[kind]} is not supported by ${group ? `${group}/` : '/'}${version}, Kind=${name}: ${messageOf(patched)}`,
  )
}

function parsePatch(text: string): Tree | Refusal {
  const parsed = parseYaml(text)
  if (!parsed.ok && text.trimStart().startsWith('{')) return text
  return parsed.ok
    ? parsed.value
    : refuse(`unable to parse ${goQuote(text)}: yaml: line ${parsed.problem.line}: ${parsed.problem.message}`)
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const problem = problemWith(invocation, dryRun)
  if (problem) return problem
  const text = patchText(invocation)
  if (isRefusal(text)) return text
  const patch = parsePatch(text)
  if (isRefusal(patch)) return patch
  const local = flags.on('local')
  const plan = planTargets(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    local,
  })
  if (isRefusal(plan)) return plan
  if (plan.is !== 'targets') return refuse('no objects passed to patch')
  const kind = flags.text('type').toLowerCase() as PatchKind
  const refusals: Refusal[] = [...plan.refusals]
  for (const target of plan.targets) {
    const object = plan.fromFiles
      ? target.object
      : getTarget(session, target, {}, flags.text('subresource') || undefined)
    const refusal = isRefusal(object) ? object : patchAndPrint(invocation, { ...target, object }, patch, kind, dryRun)
    if (refusal) refusals.push(refusal)
  }
  return severalRefusals(refusals)
}

function patchAndPrint(
  invocation: Invocation,
  target: Target,
  patch: Tree,
  kind: PatchKind,
  dryRun: DryRun,
): Refusal | undefined {
  const patched = patchOne(invocation, target, patch, kind, dryRun)
  if (isRefusal(patched)) return patched
  const operation = sameTree(target.object, patched) ? 'patched (no change)' : 'patched'
  const printer = printerFor(invocation.session, invocation.flags, { operation })
  return isRefusal(printer) ? printer : printer.print(patched as TreeMap)
}

export const patchCommand: Command = {
  name: 'patch',
  usage: '(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  short: 'Update fields of a resource',
  group: 'Advanced Commands',
  examples: [
    `kubectl patch deployment web -p '{"spec":{"replicas":3}}'`,
    `kubectl patch pod web --type=json -p '[{"op":"remove","path":"/metadata/labels/old"}]'`,
  ],
  flags: {
    ...changeFlags('kubectl-patch'),
    ...FILENAME_FLAGS('A file, directory or - with the objects to patch.'),
    ...LOCAL_FLAG,
    patch: { kind: 'string', short: 'p', help: 'The patch, as JSON or YAML.' },
    'patch-file': { kind: 'string', help: 'A file with the patch.' },
    ...RECORD_FLAG,
    ...SUBRESOURCE_FLAG,
    type: { kind: 'string', default: 'strategic', help: 'The kind of patch: json, merge or strategic.' },
  },
  run,
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
