/** `kubectl set image`. */
import type { TreeMap } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { ALL_FLAG, changeFlags, LOCAL_FLAG, RECORD_FLAG, SELECTOR_FLAG } from '../../flag-groups.ts'
import { parsePairs, splitPairs } from '../../pairs.ts'
import { dryRunOf } from '../../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { FILENAME_FLAGS } from '../../targets.ts'
import { changeObjects, containersOf, findTyped, LOCAL_ARGUMENTS, withPodSpec } from './change.ts'

const hasContainer = (spec: TreeMap, name: string): boolean =>
  (['containers', 'initContainers'] as const).some((list) =>
    containersOf(spec, list).some((container) => name === '*' || container.name === name),
  )

function withImage(spec: TreeMap, name: string, image: string): TreeMap {
  const change = (list: 'containers' | 'initContainers') =>
    containersOf(spec, list).map((container) =>
      name === '*' || container.name === name ? { ...container, image } : container,
    )
  return {
    ...spec,
    ...(spec.initContainers && { initContainers: change('initContainers') }),
    containers: change('containers'),
  }
}

function problemWith(
  { flags }: Invocation,
  resources: readonly string[],
  images: Readonly<Record<string, string>>,
): Refusal | undefined {
  const problems: string[] = []
  const count = Object.keys(images).length
  if (flags.on('all') && flags.text('selector')) problems.push('cannot set --all and --selector at the same time')
  if (resources.length === 0 && flags.list('filename').length === 0 && !flags.text('kustomize'))
    problems.push('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (count === 0) problems.push('at least one image update is required')
  else if (count > 1 && '*' in images)
    problems.push(
      'all containers are already specified by *, but saw more than one container_name=container_image pairs',
    )
  return severalRefusals(problems.map((problem) => refuse(problem)))
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const split = splitPairs(args, 'image')
  if (isRefusal(split)) return split
  const pairs = parsePairs(split.pairs, 'image', false)
  if (isRefusal(pairs)) return pairs
  if (flags.on('local') && split.resources.length > 0) return refuse(LOCAL_ARGUMENTS)
  const found = findTyped(invocation, split.resources)
  if (isRefusal(found)) return found
  const problem = problemWith(invocation, split.resources, pairs.set)
  if (problem) return problem
  const missing: Refusal[] = []
  const change = (object: TreeMap) =>
    withPodSpec(object, (spec) => {
      let result = spec
      for (const [name, image] of Object.entries(pairs.set)) {
        if (hasContainer(spec, name)) result = withImage(result, name, image)
        else missing.push(refuse(`error: unable to find container named "${name}"`))
      }
      return result
    })
  const refusals = changeObjects(invocation, found.targets, change, {
    dryRun,
    operation: 'image updated',
    failure: 'failed to patch image update to pod template: ',
  })
  return isRefusal(refusals) ? refusals : severalRefusals([...missing, ...refusals])
}

export const setImage: Command = {
  name: 'image',
  usage: '(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  short: 'Update the image of a pod template',
  examples: ['kubectl set image deployment/web web=nginx:1.28', "kubectl set image deployment/web '*=nginx:1.28'"],
  flags: {
    ...ALL_FLAG,
    ...changeFlags('kubectl-set'),
    ...FILENAME_FLAGS('A file, directory or - with the objects to change.'),
    ...LOCAL_FLAG,
    ...RECORD_FLAG,
    ...SELECTOR_FLAG,
  },
  run,
  complete: () => [
    'daemonsets',
    'deployments',
    'pods',
    'cronjobs',
    'replicasets',
    'replicationcontrollers',
    'statefulsets',
  ],
}
