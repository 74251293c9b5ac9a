/**
 * Words that complete an argument or a flag's value: kinds the server knows, names of objects, contexts, formats.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/util/completion/completion.go
 */
import type { Command, Invocation } from './command.ts'
import { type Completion, FILTER_EXTENSIONS, NO_FILES } from './completion.ts'
import { discover, findResource, preferredOnly, resourceName } from './discovery.ts'
import { loadConfig } from './kubeconfig.ts'
import { isRefusal } from './refusal.ts'
import { getListing, itemsOf, nameAt, namespaceOf } from './targets.ts'

const words = (list: readonly string[], prefix: string): Completion => ({
  words: list.filter((word) => word.startsWith(prefix)),
  directive: NO_FILES,
})

/** Types that can be read, as `get` takes them. */
export function typeNames({ session }: Invocation, verb = 'get'): readonly string[] {
  const resources = discover(session)
  if (isRefusal(resources)) return []
  return preferredOnly(resources)
    .filter((resource) => resource.verbs.includes(verb))
    .map(resourceName)
    .sort()
}

/** Names of all objects of a type in the namespace at hand. */
export function objectNames({ session, flags }: Invocation, type: string): readonly string[] {
  const resources = discover(session)
  const resource = isRefusal(resources) ? undefined : findResource(resources, type)
  if (!resource) return []
  const list = getListing(session, {
    resource,
    namespace: resource.namespaced ? namespaceOf(session) : undefined,
    labelSelector: flags.given('selector') ? flags.text('selector') : '',
    fieldSelector: '',
  })
  return isRefusal(list) ? [] : itemsOf(list, resource).map(nameAt)
}

const configNames = (invocation: Invocation, part: 'contexts' | 'clusters' | 'users'): readonly string[] => {
  const config = loadConfig(invocation.session.client, invocation.flags)
  return isRefusal(config) ? [] : Object.keys(config[part]).sort()
}

const OUTPUTS = [
  'json',
  'yaml',
  'kyaml',
  'name',
  'go-template',
  'go-template-file',
  'template',
  'templatefile',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
]
const GET_OUTPUTS = [...OUTPUTS, 'custom-columns', 'custom-columns-file', 'wide']

function outputs(command: Command): readonly string[] {
  if (command.name === 'get') return GET_OUTPUTS
  if (command.name === 'version') return ['json', 'yaml']
  return OUTPUTS
}

/** Values for one flag. */
export function completeFlagValue(invocation: Invocation, command: Command, flag: string, prefix: string): Completion {
  switch (flag) {
    case 'output':
      return words(outputs(command), prefix)
    case 'namespace':
      return words(objectNames(invocation, 'namespaces'), prefix)
    case 'context':
      return words(configNames(invocation, 'contexts'), prefix)
    case 'cluster':
      return words(configNames(invocation, 'clusters'), prefix)
    case 'user':
      return words(configNames(invocation, 'users'), prefix)
    case 'dry-run':
      return words(['none', 'server', 'client'], prefix)
    case 'filename':
      return { words: ['json', 'yaml', 'yml'], directive: FILTER_EXTENSIONS }
    default:
      return { words: [], directive: 0 }
  }
}

/** `type/` or a type: what `get`, `delete`, `describe` begin with. */
export function typeThenNames(invocation: Invocation, prefix: string): Completion {
  const { args } = invocation
  const slash = prefix.indexOf('/')
  if (args.length === 0 && slash > 0) {
    const type = prefix.slice(0, slash)
    const names = objectNames(invocation, type).map((name) => `${type}/${name}`)
    return { words: names.filter((name) => name.startsWith(prefix)), directive: NO_FILES }
  }
  if (args.length === 0) return words(typeNames(invocation), prefix)
  const taken = new Set(args.slice(1))
  return words(
    objectNames(invocation, args[0]!).filter((name) => !taken.has(name)),
    prefix,
  )
}

/** What the command itself offers; files when it says nothing of its arguments. */
export function completeArguments(invocation: Invocation, command: Command, prefix: string): Completion {
  const offered = command.complete?.(invocation, prefix)
  return offered === undefined ? { words: [], directive: 0 } : words(offered, prefix)
}
