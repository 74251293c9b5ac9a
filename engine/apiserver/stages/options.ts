/**
 * Looks at the options of a write: what a request may say beside its object.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go
 */
import { fieldManagerProblems } from '../../api/meta-validation.ts'
import type { Problem } from '../../api/problem.ts'
import { forbidden, required } from '../../api/validate/problems.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { invalid } from '../refusals.ts'
import type { Verb } from '../request.ts'

const OPTIONS: Readonly<Partial<Record<Verb, string>>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
}

function patchProblems({ request }: Exchange): readonly Problem[] {
  const { options, patchType } = request
  if (request.verb !== 'patch') return []
  if (patchType === 'apply')
    return options?.fieldManager ? [] : [required('fieldManager', 'is required for apply patch')]
  return options?.force !== undefined ? [forbidden('force', 'may not be specified for non-apply patch')] : []
}

export const checkOptions: Stage = (exchange) => {
  const { request } = exchange
  if (request.trusted || !request.options) return request.patchType === 'apply' ? refuse(exchange) : exchange
  return refuse(exchange)
}

function refuse(exchange: Exchange): ReturnType<Stage> {
  const problems = [
    ...patchProblems(exchange),
    ...fieldManagerProblems(exchange.request.options?.fieldManager ?? '', 'fieldManager'),
  ]
  if (problems.length === 0) return exchange
  return invalid({ group: 'meta.k8s.io', kind: OPTIONS[exchange.request.verb] ?? '' }, '', problems)
}
