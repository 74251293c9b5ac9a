/**
 * Questions about permission: may I, may they, and what may I do here. They are answered by the same rules that guard every request.
 *
 * Upstream: pkg/registry/authorization
 * Left out: field and label selectors in the attributes.
 */
import type { Draft, ResourceName } from '../../api/object.ts'
import type { Problem } from '../../api/problem.ts'
import { invalid as invalidField, required } from '../../api/validate/problems.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { type Attributes, grantFor, grantsFor, isAllowed, MASTERS, type PolicyRule } from '../rbac.ts'
import { invalid } from '../refusals.ts'
import type { User } from '../request.ts'
import { authorize } from '../stages/authorize.ts'
import { understand } from '../stages/understand.ts'
import type { Door } from './door.ts'
import { bodyOf, expecting, ownBody, readAs } from './read-body.ts'

const GROUP = 'authorization.k8s.io'

interface ResourceAttributes {
  readonly namespace?: string
  readonly verb?: string
  readonly group?: string
  readonly version?: string
  readonly resource?: string
  readonly subresource?: string
  readonly name?: string
}

interface ReviewSpec {
  readonly resourceAttributes?: ResourceAttributes
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly extra?: User['extra']
}

interface Review {
  readonly metadata?: Draft & { readonly namespace?: string }
  readonly spec?: ReviewSpec
}

function attributesFrom(spec: ReviewSpec, user: User): Attributes {
  const {
    namespace = '',
    verb = '',
    group = '',
    resource = '',
    subresource = '',
    name = '',
  } = spec.resourceAttributes ?? {}
  const path = spec.nonResourceAttributes?.path
  const asked = { user, group, resource, subresource, namespace, name }
  if (spec.nonResourceAttributes) return { ...asked, verb: spec.nonResourceAttributes.verb ?? '', path: path ?? '' }
  return { ...asked, verb }
}

/** Why it is allowed, as RBAC says it. */
function reasonFor(exchange: Exchange, asked: Attributes): string {
  if (asked.user.groups.includes(MASTERS)) return ''
  const grant = grantFor(exchange.store, asked)
  if (!grant) return ''
  const { binding } = grant
  const subject = binding.subjects?.find(({ kind, name }) =>
    kind === 'Group' ? asked.user.groups.includes(name) : asked.user.name.endsWith(name),
  )
  const whole = binding.metadata.namespace
    ? `${binding.metadata.name}/${binding.metadata.namespace}`
    : binding.metadata.name
  const who = subject?.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? ''}` : (subject?.name ?? '')
  return `RBAC: allowed by ${binding.kind} "${whole}" of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${subject?.kind} "${who}"`
}

function answered(exchange: Exchange, kind: string, asked: Attributes): Exchange {
  const { metadata = {}, spec = {} } = bodyOf<Review>(exchange)
  const allowed = isAllowed(exchange.store, asked)
  const reason = allowed ? reasonFor(exchange, asked) : ''
  const body = { kind, apiVersion: `${GROUP}/v1`, metadata, spec, status: { allowed, ...(reason && { reason }) } }
  return { ...exchange, response: { code: 201, body: body as never } }
}

function attributeProblems({ resourceAttributes, nonResourceAttributes }: ReviewSpec): readonly Problem[] {
  const which = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  if (resourceAttributes && nonResourceAttributes)
    return [
      invalidField(
        'spec.nonResourceAttributes',
        nonResourceAttributes,
        `cannot be specified in combination with resourceAttributes`,
      ),
    ]
  return resourceAttributes || nonResourceAttributes ? [] : [invalidField('spec.resourceAttributes', null, which)]
}

const subjectProblems = ({ user, groups }: ReviewSpec): readonly Problem[] =>
  user || (groups?.length ?? 0) > 0
    ? []
    : [invalidField('spec.user', '', 'at least one of user or group must be specified')]

const reviewing =
  (
    kind: string,
    whose: (exchange: Exchange, spec: ReviewSpec) => User,
    check: (spec: ReviewSpec) => readonly Problem[],
  ): Stage =>
  (exchange) => {
    const { spec = {} } = bodyOf<Review>(exchange)
    const problems = [...attributeProblems(spec), ...check(spec)]
    if (problems.length > 0) return invalid({ group: GROUP, kind: '' }, '', problems)
    return answered(exchange, kind, attributesFrom(spec, whose(exchange, spec)))
  }

const oneself = ({ request }: Exchange): User => request.user

const another = (_exchange: Exchange, { user = '', groups = [], uid, extra }: ReviewSpec): User => ({
  name: user,
  groups,
  ...(uid && { uid }),
  ...(extra && { extra }),
})

const reviewDoor = (plural: string, kind: string, stage: Stage): Door => ({
  resources: [`${plural}.${GROUP}` as ResourceName],
  plans: {
    create: [authorize, understand, readAs(expecting(GROUP, 'v1', kind)), ownBody(expecting(GROUP, 'v1', kind)), stage],
  },
})

// ---- what may I do here ----

const resourceRule = ({ verbs, apiGroups, resources, resourceNames }: PolicyRule): Draft => ({
  verbs,
  ...(apiGroups && { apiGroups }),
  ...(resources && { resources }),
  ...(resourceNames && { resourceNames }),
})

const ANYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

function rulesFor({ store, request }: Exchange, namespace: string): readonly PolicyRule[] {
  const granted = grantsFor(store, request.user, namespace).flatMap(({ rules }) => rules)
  return request.user.groups.includes(MASTERS) ? [...ANYTHING, ...granted] : granted
}

const reviewRules: Stage = (exchange) => {
  const { metadata = {}, spec = {} } = bodyOf<{ metadata?: Draft; spec?: { namespace?: string } }>(exchange)
  if (!spec.namespace)
    return invalid({ group: GROUP, kind: 'SelfSubjectRulesReview' }, '', [
      required('spec.namespace', 'no namespace on request'),
    ])
  const rules = rulesFor(exchange, spec.namespace)
  const resourceRules = rules.filter((rule) => rule.resources).map(resourceRule)
  const nonResourceRules = rules
    .filter((rule) => rule.nonResourceURLs)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }))
  const status = { resourceRules, nonResourceRules, incomplete: false }
  const body = { kind: 'SelfSubjectRulesReview', apiVersion: `${GROUP}/v1`, metadata, spec: {}, status }
  return { ...exchange, response: { code: 201, body: body as never } }
}

const noProblems = (): readonly Problem[] => []

export const accessReviews: readonly Door[] = [
  reviewDoor(
    'selfsubjectaccessreviews',
    'SelfSubjectAccessReview',
    reviewing('SelfSubjectAccessReview', oneself, noProblems),
  ),
  reviewDoor('subjectaccessreviews', 'SubjectAccessReview', reviewing('SubjectAccessReview', another, subjectProblems)),
  reviewDoor(
    'localsubjectaccessreviews',
    'LocalSubjectAccessReview',
    reviewing('LocalSubjectAccessReview', another, subjectProblems),
  ),
  reviewDoor('selfsubjectrulesreviews', 'SelfSubjectRulesReview', reviewRules),
]
