/**
 * The query of a URL as options, and what is wrong with it.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/apis/meta/{v1/conversion.go,v1/validation}
 */

import { fieldManagerProblems } from '../../api/meta-validation.ts'
import type { Draft } from '../../api/object.ts'
import type { Problem } from '../../api/problem.ts'
import type { Status } from '../../api/status.ts'
import { forbidden, invalid as invalidField, notSupported, required } from '../../api/validate/problems.ts'
import { badRequest, invalid } from '../refusals.ts'
import type { Options, PatchType, Verb } from '../request.ts'
import { first, type Query } from './url.ts'

export type ReadOptions = { readonly options: Options } | { readonly refused: Status }

const INTEGER = /^[+-]?\d+$/

const notANumber = (value: string): Status => badRequest(`strconv.ParseInt: parsing "${value}": invalid syntax`)

const NUMBERS = ['limit', 'timeoutSeconds', 'gracePeriodSeconds'] as const

const TEXTS = ['labelSelector', 'fieldSelector', 'continue', 'resourceVersion', 'resourceVersionMatch'] as const

/** Go's idea of a flag in a query: there and not denied. */
export const isTrue = (value: string | undefined): boolean => value !== undefined && value !== 'false' && value !== '0'

type Mutable = { -readonly [K in keyof Options]: Options[K] }

function readNumbers(query: Query, into: Mutable): Status | undefined {
  for (const name of NUMBERS) {
    const value = first(query, name)
    if (value === undefined || value === '') continue
    if (!INTEGER.test(value)) return notANumber(value)
    into[name] = Number(value)
  }
  return undefined
}

function readTexts(query: Query, into: Mutable): void {
  for (const name of TEXTS) {
    const value = first(query, name)
    if (value) into[name] = value
  }
}

const VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn']

const dryRunProblems = (values: readonly unknown[] | undefined): readonly Problem[] =>
  (values ?? []).every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])]

function validationProblems(query: Query): readonly Problem[] {
  const value = first(query, 'fieldValidation') ?? ''
  return VALIDATIONS.includes(value) ? [] : [notSupported('fieldValidation', value, VALIDATIONS)]
}

function forceProblems(query: Query, patchType: PatchType | undefined, manager: string): readonly Problem[] {
  if (patchType === 'apply') return manager ? [] : [required('fieldManager', 'is required for apply patch')]
  return query.has('force') ? [forbidden('force', 'may not be specified for non-apply patch')] : []
}

const KINDS: Readonly<Partial<Record<Verb, string>>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
}

/** Options of create, update and patch. */
export function writeOptions(query: Query, verb: Verb, patchType: PatchType | undefined): ReadOptions {
  const fieldManager = first(query, 'fieldManager') ?? ''
  const dryRun = query.get('dryRun')
  const problems = [
    ...(verb === 'patch' ? forceProblems(query, patchType, fieldManager) : []),
    ...fieldManagerProblems(fieldManager, 'fieldManager'),
    ...dryRunProblems(dryRun),
    ...validationProblems(query),
  ]
  if (problems.length > 0) return { refused: invalid({ group: 'meta.k8s.io', kind: KINDS[verb] ?? '' }, '', problems) }
  const fieldValidation = first(query, 'fieldValidation') as Options['fieldValidation']
  return {
    options: {
      ...(fieldManager && { fieldManager }),
      ...(dryRun && { dryRun: true }),
      ...(fieldValidation && { fieldValidation }),
      ...(patchType === 'apply' && query.has('force') && { force: isTrue(first(query, 'force')) }),
    },
  }
}

/** Options of list, watch and get. */
export function readOptions(query: Query): ReadOptions {
  const options: Mutable = {}
  const refused = readNumbers(query, options)
  if (refused) return { refused }
  readTexts(query, options)
  if (query.has('allowWatchBookmarks')) options.allowWatchBookmarks = isTrue(first(query, 'allowWatchBookmarks'))
  if (query.has('sendInitialEvents')) options.sendInitialEvents = isTrue(first(query, 'sendInitialEvents'))
  return { options }
}

const POLICIES = ['Foreground', 'Background', 'Orphan']

/** The body of a DELETE, or the same in its query. */
interface DeleteOptions {
  readonly propagationPolicy?: unknown
  readonly orphanDependents?: unknown
  readonly gracePeriodSeconds?: unknown
  readonly dryRun?: readonly unknown[]
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

function deleteProblems({ propagationPolicy: policy, orphanDependents, dryRun }: DeleteOptions): readonly Problem[] {
  const field = 'propagationPolicy'
  const problems: Problem[] = []
  if (policy !== undefined && orphanDependents !== undefined)
    problems.push(invalidField(field, policy, 'orphanDependents and deletionPropagation cannot be both set'))
  if (policy !== undefined && !POLICIES.includes(policy as string))
    problems.push(notSupported(field, policy, [...POLICIES, 'nil']))
  return [...problems, ...dryRunProblems(dryRun)]
}

function fromQuery(query: Query): DeleteOptions {
  const policy = first(query, 'propagationPolicy')
  const grace = first(query, 'gracePeriodSeconds')
  const orphan = first(query, 'orphanDependents')
  const dryRun = query.get('dryRun')
  return {
    ...(policy !== undefined && { propagationPolicy: policy }),
    ...(grace && { gracePeriodSeconds: Number(grace) }),
    ...(orphan !== undefined && { orphanDependents: isTrue(orphan) }),
    ...(dryRun && { dryRun }),
  }
}

const policyOf = ({ propagationPolicy, orphanDependents }: DeleteOptions): Options['propagationPolicy'] => {
  if (propagationPolicy !== undefined) return propagationPolicy as Options['propagationPolicy']
  return orphanDependents === undefined || orphanDependents === null
    ? undefined
    : orphanDependents
      ? 'Orphan'
      : 'Background'
}

/** Options of delete: those of the body, or if there is none those of the query. */
export function deleteOptions(query: Query, body: Draft | undefined): ReadOptions {
  const read = readOptions(query)
  if ('refused' in read) return read
  const given: DeleteOptions = body ?? fromQuery(query)
  const problems = deleteProblems(given)
  if (problems.length > 0) return { refused: invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', problems) }
  const propagationPolicy = policyOf(given)
  const { gracePeriodSeconds, preconditions, dryRun } = given
  const { gracePeriodSeconds: _, ...others } = read.options
  return {
    options: {
      ...others,
      ...(propagationPolicy && { propagationPolicy }),
      ...(gracePeriodSeconds !== undefined &&
        gracePeriodSeconds !== null && { gracePeriodSeconds: Number(gracePeriodSeconds) }),
      ...(preconditions && { preconditions }),
      ...(dryRun && dryRun.length > 0 && { dryRun: true }),
    },
  }
}
