/**
 * Acting as somebody else, which the Impersonate headers ask for: who may do it is a matter of rules like everything else.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation.go
 * Left out: constrained impersonation (verbs like impersonate-on:user-info:list), which grants less than these rules do.
 */
import { isStatus, type Status } from '../../api/status.ts'
import { goQuote } from '../../std/go-text.ts'
import { type Attributes, isAllowed } from '../rbac.ts'
import { badRequest } from '../refusals.ts'
import type { User } from '../request.ts'
import type { ApiServer } from '../server.ts'
import { refusal } from '../stages/authorize.ts'
import type { HttpRequest } from './serve-http.ts'
import { unescaped } from './url.ts'

const AUTHENTICATION = 'authentication.k8s.io'
const EXTRA_PREFIX = 'impersonate-extra-'

interface Wanted {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

function wantedBy({ headers }: HttpRequest): Wanted | undefined {
  const extras = Object.entries(headers).filter(([name]) => name.startsWith(EXTRA_PREFIX))
  const wanted = {
    name: listOf(headers['impersonate-user'])[0] ?? '',
    uid: listOf(headers['impersonate-uid'])[0] ?? '',
    groups: listOf(headers['impersonate-group']),
    extra: Object.fromEntries(
      extras.map(([name, values]) => [unescaped(name.slice(EXTRA_PREFIX.length)) ?? name, listOf(values)]),
    ),
  }
  const isAsked = wanted.name !== '' || wanted.uid !== '' || wanted.groups.length > 0 || extras.length > 0
  return isAsked ? wanted : undefined
}

const goList = (values: readonly string[]): string =>
  values.length === 0 ? '[]string(nil)' : `[]string{${values.map(goQuote).join(', ')}}`

function goExtra(extra: Wanted['extra']): string {
  const entries = Object.entries(extra).map(([key, values]) => `${goQuote(key)}:${goList(values)}`)
  return entries.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${entries.join(', ')}}`
}

const nameless = ({ uid, groups, extra }: Wanted): Status =>
  badRequest(
    `requested &user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${goList(groups)}, Extra:${goExtra(extra)}} ` +
      'without impersonating a user name',
  )

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/

type Question = Pick<Attributes, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>

const about = (resource: string, name: string, more: Partial<Question> = {}): Question => ({
  group: '',
  resource,
  subresource: '',
  namespace: '',
  name,
  ...more,
})

/** Each attribute must be granted on its own. */
function questions({ name, uid, groups, extra }: Wanted): readonly Question[] {
  const [, namespace, account] = SERVICE_ACCOUNT.exec(name) ?? []
  return [
    account && namespace ? about('serviceaccounts', account, { namespace }) : about('users', name),
    ...groups.map((group) => about('groups', group)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => about('userextras', value, { group: AUTHENTICATION, subresource: key })),
    ),
    ...(uid ? [about('uids', uid, { group: AUTHENTICATION })] : []),
  ]
}

const ANONYMOUS = 'system:anonymous'
const NODE_PREFIX = 'system:node:'

/** The groups that come with a name. */
function groupsOf({ name, groups }: Wanted): readonly string[] {
  if (name === ANONYMOUS) return ['system:unauthenticated']
  const [, namespace] = SERVICE_ACCOUNT.exec(name) ?? []
  const own =
    namespace && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : groups
  const nodes = name.startsWith(NODE_PREFIX) && groups.length === 0 ? ['system:nodes'] : own
  return nodes.includes('system:authenticated') ? nodes : [...nodes, 'system:authenticated']
}

const becoming = (wanted: Wanted): User => ({
  name: wanted.name,
  ...(wanted.uid && { uid: wanted.uid }),
  groups: groupsOf(wanted),
  ...(Object.keys(wanted.extra).length > 0 && { extra: wanted.extra }),
})

/** Whom the request is made as: the user, somebody else, or nobody because that is refused. */
export function impersonated(server: ApiServer, http: HttpRequest, user: User | Status): User | Status {
  const wanted = wantedBy(http)
  if (!wanted || isStatus(user)) return user
  if (!wanted.name) return nameless(wanted)
  for (const question of questions(wanted)) {
    const asked = { user, verb: 'impersonate', ...question }
    if (!isAllowed(server.store, asked)) return refusal(asked)
  }
  return becoming(wanted)
}
