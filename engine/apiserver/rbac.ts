/**
 * Role-based access control: who may do what follows from roles (lists of rules) and bindings (who has which role,
 * where). It only ever grants; what nothing grants is refused.
 *
 * Upstream: plugin/pkg/auth/authorizer/rbac, pkg/apis/rbac/v1/evaluation_helpers.go
 */
import type { KubeObject, ResourceName } from '../api/object.ts'
import { type Collection, collectionOf, getObject, listObjects, type Store } from '../etcd/store.ts'
import { remembered } from '../std/remembered.ts'
import type { User } from './request.ts'

export interface Attributes {
  readonly user: User
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** Set for URLs that are no resources: `/healthz`. */
  readonly path?: string
}

export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

export interface RoleObject extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null
}

export interface Subject {
  readonly kind: string
  readonly apiGroup?: string
  readonly name: string
  readonly namespace?: string
}

export interface BindingObject extends KubeObject {
  readonly subjects?: readonly Subject[]
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string }
}

const GROUP = 'rbac.authorization.k8s.io'
export const ROLES: ResourceName = `roles.${GROUP}`
export const ROLE_BINDINGS: ResourceName = `rolebindings.${GROUP}`
export const CLUSTER_ROLES: ResourceName = `clusterroles.${GROUP}`
export const CLUSTER_ROLE_BINDINGS: ResourceName = `clusterrolebindings.${GROUP}`

/** Members of this group are not asked. */
export const MASTERS = 'system:masters'

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value))

/** `pods/log` is a resource of its own; `*` covers all of them, an asterisk with `/log` the log of everything. */
function coversResource({ resources = [] }: PolicyRule, { resource, subresource }: Attributes): boolean {
  const full = subresource ? `${resource}/${subresource}` : resource
  return has(resources, full) || (subresource !== '' && resources.includes(`*/${subresource}`))
}

const coversName = ({ resourceNames }: PolicyRule, name: string): boolean =>
  !resourceNames || resourceNames.length === 0 || resourceNames.includes(name)

const coversPath = ({ nonResourceURLs = [] }: PolicyRule, path: string): boolean =>
  nonResourceURLs.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))))

export function covers(rule: PolicyRule, asked: Attributes): boolean {
  if (!has(rule.verbs, asked.verb)) return false
  if (asked.path !== undefined) return coversPath(rule, asked.path)
  return has(rule.apiGroups, asked.group) && coversResource(rule, asked) && coversName(rule, asked.name)
}

const serviceAccountName = (namespace: string | undefined, name: string): string =>
  `system:serviceaccount:${namespace ?? ''}:${name}`

function isSubject({ kind, name, namespace }: Subject, user: User, bindingNamespace: string | undefined): boolean {
  if (kind === 'User') return user.name === name
  if (kind === 'Group') return user.groups.includes(name)
  return kind === 'ServiceAccount' && user.name === serviceAccountName(namespace || bindingNamespace, name)
}

const bindsUser = ({ subjects = [], metadata }: BindingObject, user: User): boolean =>
  subjects.some((subject) => isSubject(subject, user, metadata.namespace))

const NO_RULES: readonly PolicyRule[] = []

function rulesOfRole(store: Store, { roleRef, metadata }: BindingObject): readonly PolicyRule[] {
  const role =
    roleRef.kind === 'Role'
      ? getObject(store, ROLES, `${metadata.namespace}/${roleRef.name}`)
      : getObject(store, CLUSTER_ROLES, roleRef.name)
  return (role as RoleObject | undefined)?.rules ?? NO_RULES
}

/** A rule and what granted it. */
export interface Grant {
  readonly rules: readonly PolicyRule[]
  readonly binding: BindingObject
}

/** What is granted to a user in a namespace: by bindings of the whole cluster, and by those of the namespace. */
export function grantsFor(store: Store, user: User, namespace: string): readonly Grant[] {
  const everywhere = listObjects(store, CLUSTER_ROLE_BINDINGS)
  const here = namespace ? listObjects(store, ROLE_BINDINGS, namespace) : []
  return ([...everywhere, ...here] as readonly KubeObject[] as readonly BindingObject[])
    .filter((binding) => bindsUser(binding, user))
    .map((binding) => ({ binding, rules: rulesOfRole(store, binding) }))
}

/** The grant that allows it, if one does. */
export const grantFor = (store: Store, asked: Attributes): Grant | undefined =>
  grantsFor(store, asked.user, asked.namespace).find(({ rules }) => rules.some((rule) => covers(rule, asked)))

/**
 * Decisions already taken, for as long as roles and bindings are the very same: a component asks the same few questions
 * a hundred thousand times. An invisible cache; the decision is always the one that the rules give.
 */
interface Decided {
  readonly policy: readonly Collection[]
  readonly decisions: Map<string, boolean>
}

const POLICY = [ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS]
const MOST_DECISIONS = 50_000

let decided: Decided = { policy: [], decisions: new Map() }

function decisionsUnder(store: Store): Map<string, boolean> {
  const { policy, decisions } = decided
  if (decisions.size < MOST_DECISIONS && POLICY.every((resource, i) => policy[i] === collectionOf(store, resource)))
    return decisions
  decided = { policy: POLICY.map((resource) => collectionOf(store, resource)), decisions: new Map() }
  return decided.decisions
}

const identityOf = remembered((user: User): string => `${user.name}|${user.groups.join()}`)

/** Whatever the name. */
const question = ({ user, verb, group, resource, subresource, namespace, path = '' }: Attributes): string =>
  `${identityOf(user)}|${verb}|${group}|${resource}|${subresource}|${namespace}|${path}`

const isGranted = (store: Store, asked: Attributes): boolean => grantFor(store, asked) !== undefined

/** What is allowed whatever the name is asked first: rules for components name no names. */
export function isAllowed(store: Store, asked: Attributes): boolean {
  if (asked.user.groups.includes(MASTERS)) return true
  const decisions = decisionsUnder(store)
  const anyName = question(asked)
  if (decisions.get(anyName) ?? remember(decisions, anyName, isGranted(store, { ...asked, name: '' }))) return true
  return asked.name !== '' && isGranted(store, asked)
}

function remember(decisions: Map<string, boolean>, key: string, decision: boolean): boolean {
  decisions.set(key, decision)
  return decision
}
