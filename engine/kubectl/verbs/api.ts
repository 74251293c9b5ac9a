/** `kubectl api-resources` and `api-versions`: what the server serves. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/apiresources */
import { goJsonOf } from '../../std/go-value.ts'
import { alignRows } from '../../std/table.ts'
import type { TreeMap } from '../../std/tree.ts'
import { formatYaml } from '../../std/yaml.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { discoverAgain, groupVersion, preferredOnly, type Resource, resourceName } from '../discovery.ts'
import { formatKyaml } from '../printers/kyaml.ts'
import { unknownFormat } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, usageRefusal } from '../refusal.ts'
import { say } from '../session.ts'

const FORMATS = ['json', 'kyaml', 'name', 'wide', 'yaml']

function isWanted({ flags }: Invocation, resource: Resource): boolean {
  if (resource.verbs.length === 0) return false
  if (flags.given('api-group') && flags.text('api-group') !== resource.group) return false
  if (flags.given('namespaced') && flags.on('namespaced') !== resource.namespaced) return false
  return (
    flags.list('verbs').every((verb) => resource.verbs.includes(verb)) &&
    flags.list('categories').every((category) => resource.categories.includes(category))
  )
}

const ORDER: Readonly<Record<string, (resource: Resource) => string>> = {
  name: ({ plural }) => plural,
  kind: ({ kind }) => kind,
  '': ({ group }) => group,
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const rowOf = (resource: Resource, wide: boolean): readonly string[] => [
  resource.plural,
  resource.shortNames.join(','),
  groupVersion(resource),
  String(resource.namespaced),
  resource.kind,
  ...(wide ? [resource.verbs.join(','), resource.categories.join(',')] : []),
]

/** In the order in which the fields stand in Go. */
const objectOf = (resource: Resource): TreeMap => ({
  name: resource.plural,
  singularName: resource.singular,
  namespaced: resource.namespaced,
  ...(resource.group && { group: resource.group }),
  version: resource.version,
  kind: resource.kind,
  verbs: resource.verbs,
  ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
  ...(resource.categories.length > 0 && { categories: resource.categories }),
})

const HEADERS = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND']

function textOf({ flags }: Invocation, resources: readonly Resource[]): string {
  const output = flags.text('output')
  const list = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: '', resources: resources.map(objectOf) }
  if (output === 'json') return `${goJsonOf(list, { indent: '    ', keepOrder: true })}\n`
  if (output === 'yaml') return formatYaml(list)
  if (output === 'kyaml') return formatKyaml(list, { keepOrder: true })
  if (output === 'name') return resources.map((resource) => `${resourceName(resource)}\n`).join('')
  const wide = output === 'wide'
  const headers = wide ? [...HEADERS, 'VERBS', 'CATEGORIES'] : HEADERS
  return alignRows([
    ...(flags.on('no-headers') ? [] : [headers]),
    ...resources.map((resource) => rowOf(resource, wide)),
  ])
}

function problemWith({ args, flags, path }: Invocation): Refusal | undefined {
  const output = flags.text('output')
  if (args.length > 0) return usageRefusal(path, `unexpected arguments: [${args.join(' ')}]`)
  if (output !== '' && !FORMATS.includes(output)) return unknownFormat(output, FORMATS)
  return flags.text('sort-by') in ORDER ? undefined : refuse('--sort-by accepts only name or kind')
}

function runResources(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const problem = problemWith(invocation)
  if (problem) return problem
  const all = discoverAgain(session)
  if (isRefusal(all)) return all
  const key = ORDER[flags.text('sort-by')]!
  const wanted = preferredOnly(all).filter((resource) => isWanted(invocation, resource))
  say(
    session,
    textOf(
      invocation,
      wanted.toSorted((a, b) => compare(key(a), key(b)) || compare(a.plural, b.plural)),
    ),
  )
  return undefined
}

export const apiResourcesCommand: Command = {
  name: 'api-resources',
  usage: '',
  short: 'Print the supported API resources on the server',
  group: 'Other Commands',
  examples: ['kubectl api-resources', 'kubectl api-resources -o wide', 'kubectl api-resources --namespaced=false'],
  flags: {
    'api-group': { kind: 'string', help: 'Only this group.' },
    cached: { kind: 'bool', help: 'Use what was fetched before.' },
    categories: { kind: 'stringSlice', help: 'Only resources that belong to all of these categories.' },
    namespaced: { kind: 'bool', default: 'true', help: 'Only resources in namespaces; false for those outside.' },
    'no-headers': { kind: 'bool', help: 'Leave out the line of headers.' },
    output: { kind: 'string', short: 'o', help: 'How to print: (json, yaml, kyaml, wide, name).' },
    'show-managed-fields': { kind: 'bool', help: 'Keep metadata.managedFields in JSON and YAML.' },
    'sort-by': { kind: 'string', help: "The order: 'name' or 'kind'." },
    verbs: { kind: 'stringSlice', help: 'Only resources with all of these verbs.' },
  },
  run: runResources,
}

function runVersions({ args, path, session }: Invocation): Ending {
  if (args.length > 0) return usageRefusal(path, `unexpected arguments: [${args.join(' ')}]`)
  const all = discoverAgain(session)
  if (isRefusal(all)) return all
  for (const version of [...new Set(all.map(groupVersion))].sort()) say(session, `${version}\n`)
  return undefined
}

export const apiVersionsCommand: Command = {
  name: 'api-versions',
  usage: '',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  group: 'Other Commands',
  examples: ['kubectl api-versions'],
  flags: {},
  run: runVersions,
}
