/** `kubectl create role` and `kubectl create clusterrole`. */
import { goQuote } from '../../../std/go-text.ts'
import type { Tree, TreeMap } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { discover, findResource } from '../../discovery.ts'
import type { Flags } from '../../flags.ts'
import { isRefusal, type Refusal, refuse, refuseBare } from '../../refusal.ts'
import { complain, type Session } from '../../session.ts'
import { generatorCommand } from './generator.ts'

const VERBS = new Set(
  '* get delete list create update patch watch proxy deletecollection use bind escalate impersonate'.split(' '),
)
const URL_VERBS = new Set('* get put post head options delete patch'.split(' '))

/** Verbs that only mean something for certain resources, some of which are served nowhere. */
const SPECIAL_VERBS: Readonly<Record<string, readonly string[]>> = {
  use: ['podsecuritypolicies.policy', 'podsecuritypolicies.extensions'],
  bind: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  escalate: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  impersonate: ['users', 'serviceaccounts', 'groups', 'userextras.authentication.k8s.io'],
}

interface RuleResource {
  readonly resource: string
  readonly group: string
  readonly subresource: string
}

/** `deployments.apps/scale` */
function parseResource(text: string): RuleResource {
  const [name = '', ...sub] = text.split('/')
  const [resource = '', ...group] = name.split('.')
  return { resource, group: group.join('.'), subresource: sub.join('/') }
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)]

const verbsOf = (flags: Invocation['flags']): readonly string[] => {
  const verbs = unique(flags.list('verb').map((verb) => verb.trim()))
  return verbs.includes('*') ? ['*'] : verbs
}

/** The plural and the group that the server knows a resource by. */
function resolve(session: Session, { resource, group, subresource }: RuleResource): RuleResource | Refusal {
  const all = discover(session, 2)
  if (isRefusal(all)) return all
  const found = findResource(all, group ? `${resource}.${group}` : resource)
  return found
    ? { resource: found.plural, group: found.group, subresource }
    : refuseBare(`the server doesn't have a resource type ${goQuote(resource)}`)
}

function checkedResources(
  session: Session,
  resources: readonly RuleResource[],
  verbs: readonly string[],
): readonly RuleResource[] | Refusal {
  const resolved: RuleResource[] = []
  for (const asked of resources) {
    if (asked.resource === '') return refuse('resource must be specified if apiGroup/subresource specified')
    if (asked.resource === '*') {
      resolved.push(asked)
      continue
    }
    const found = resolve(session, asked)
    const { resource, group } = isRefusal(found) ? asked : found
    const special = verbs.filter((verb) => SPECIAL_VERBS[verb])
    const wrong = special.find((verb) => !SPECIAL_VERBS[verb]!.includes(group ? `${resource}.${group}` : resource))
    if (wrong) return refuse(`can not perform '${wrong}' on '${resource}' in group '${group}'`)
    if (isRefusal(found) && special.length === 0) return found
    resolved.push(isRefusal(found) ? asked : found)
  }
  return resolved
}

function rulesFor(verbs: readonly string[], resources: readonly RuleResource[], names: readonly string[]): Tree[] {
  const groups = [...new Set(resources.map(({ group }) => group))].sort()
  return groups.map((group) => ({
    verbs,
    apiGroups: [group],
    resources: unique(
      resources
        .filter((one) => one.group === group)
        .map((one) => (one.subresource ? `${one.resource}/${one.subresource}` : one.resource)),
    ),
    resourceNames: unique(names),
  }))
}

function warnOfVerbs(session: Session, verbs: readonly string[]): void {
  for (const verb of verbs)
    if (!VERBS.has(verb)) complain(session, `Warning: '${verb}' is not a standard resource verb\n`)
}

function roleOf({ session, flags }: Invocation, name: string): TreeMap | Refusal {
  const verbs = verbsOf(flags)
  if (verbs.length === 0) return refuse('at least one verb must be specified')
  warnOfVerbs(session, verbs)
  const asked = flags.list('resource').map(parseResource)
  if (asked.length === 0) return refuse('at least one resource must be specified')
  const resources = checkedResources(session, asked, verbs)
  return isRefusal(resources)
    ? resources
    : { metadata: { name }, rules: rulesFor(verbs, resources, flags.list('resource-name')) }
}

const ROLE_FLAGS: Flags = {
  resource: { kind: 'stringSlice', help: 'A resource that the rule is about.' },
  'resource-name': { kind: 'stringArray', help: 'The only object that the rule is about; may be given several times.' },
  verb: { kind: 'stringSlice', help: 'What the rule allows.' },
}

export const createRole = generatorCommand({
  name: 'role',
  usage:
    'NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a role with single rule',
  examples: ['kubectl create role reader --verb=get,list,watch --resource=pods'],
  flags: ROLE_FLAGS,
  generator: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    plural: 'roles',
    namespaced: true,
    object: roleOf,
  },
})

function urlProblem(verbs: readonly string[], urls: readonly string[]): Refusal | undefined {
  const verb = verbs.find((one) => !URL_VERBS.has(one))
  if (verb !== undefined) return refuse(`invalid verb: '${verb}' for nonResourceURL`)
  for (const url of urls) {
    if (url === '*') continue
    if (!url.startsWith('/')) return refuse('nonResourceURL should start with /')
    if (url.slice(0, -1).includes('*'))
      return refuse("nonResourceURL only supports wildcard matches when '*' is at the end")
  }
  return undefined
}

function aggregated(flags: Invocation['flags'], name: string): TreeMap | Refusal {
  const others = ['verb', 'resource', 'resource-name', 'non-resource-url'].some((flag) => flags.list(flag).length > 0)
  if (others)
    return refuse('aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames')
  const pairs = flags
    .list('aggregation-rule')
    .map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1)])
  return { metadata: { name }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: Object.fromEntries(pairs) }] } }
}

function clusterRoleOf({ session, flags }: Invocation, name: string): TreeMap | Refusal {
  if (flags.list('aggregation-rule').length > 0) return aggregated(flags, name)
  const verbs = verbsOf(flags)
  const asked = flags.list('resource').map(parseResource)
  const urls = unique(flags.list('non-resource-url'))
  if (verbs.length === 0) return refuse('at least one verb must be specified')
  if (asked.length === 0 && urls.length === 0) return refuse('one of resource or nonResourceURL must be specified')
  if (asked.length > 0) warnOfVerbs(session, verbs)
  const resources = checkedResources(session, asked, verbs)
  if (isRefusal(resources)) return resources
  const problem = urls.length > 0 ? urlProblem(verbs, urls) : undefined
  if (problem) return problem
  const urlRule: Tree[] = urls.length > 0 ? [{ verbs, nonResourceURLs: urls }] : []
  return { metadata: { name }, rules: [...rulesFor(verbs, resources, flags.list('resource-name')), ...urlRule] }
}

export const createClusterRole = generatorCommand({
  name: 'clusterrole',
  usage: 'NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a cluster role',
  examples: [
    'kubectl create clusterrole reader --verb=get,list,watch --resource=nodes',
    'kubectl create clusterrole probe --verb=get --non-resource-url=/healthz',
  ],
  flags: {
    ...ROLE_FLAGS,
    'aggregation-rule': {
      kind: 'pairs',
      default: '',
      help: 'Labels of the ClusterRoles to gather rules from.',
      malformed: 'malformed pair, expect string=string',
    },
    'non-resource-url': { kind: 'stringSlice', help: 'A path, such as /healthz, that the rule is about.' },
  },
  generator: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    plural: 'clusterroles',
    namespaced: false,
    object: clusterRoleOf,
  },
})
