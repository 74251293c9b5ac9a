/**
 * In which form the client wants its answer: JSON or YAML, the object itself, a table of it, or its metadata only.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go, go-restful's own check
 */
import { failure, type Status } from '../../api/status.ts'
import { BODY_TYPES, JSON_TYPE } from './body.ts'

export type Transform = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

export interface Form {
  readonly mediaType: string
  readonly transform?: Transform
  /** `v1` or `v1beta1` of meta.k8s.io. */
  readonly version?: string
}

interface Clause {
  readonly type: string
  readonly quality: number
  readonly parameters: Readonly<Record<string, string>>
}

function clauseOf(text: string): Clause {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const parameters = Object.fromEntries(rest.map((part) => part.split('=', 2) as [string, string]))
  return { type, quality: Number(parameters.q ?? 1), parameters }
}

const clausesOf = (header: string): readonly Clause[] =>
  header
    .split(',')
    .map(clauseOf)
    .sort((a, b) => b.quality - a.quality)

/** The router looks first, and knows only whole types. */
const isRouted = (header: string): boolean =>
  header.split(',').some((part) => {
    const type = part.split(';', 1)[0]!.trim()
    return type === '' || type === '*/*' || BODY_TYPES.includes(type)
  })

const TRANSFORMS: readonly string[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']

/** The form that a clause asks for; undefined if there is no such form. */
function formOf({ type, parameters }: Clause): Form | undefined {
  const mediaType = type === '*/*' ? JSON_TYPE : type
  if (!BODY_TYPES.includes(mediaType)) return undefined
  const { as, g, v } = parameters
  if (as === undefined) return { mediaType }
  if (!TRANSFORMS.includes(as) || g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined
  return { mediaType, transform: as as Transform, version: v }
}

const notRouted = (): Status =>
  failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${BODY_TYPES.join(', ')}`, {})

export const notAcceptable = (types: readonly string[] = BODY_TYPES): Status =>
  failure(406, 'NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`)

export const JSON_FORM: Form = { mediaType: JSON_TYPE }

export function negotiate(header: string | undefined): Form | Status {
  if (!header) return JSON_FORM
  if (!isRouted(header)) return notRouted()
  for (const clause of clausesOf(header)) {
    const form = formOf(clause)
    if (form) return form
  }
  return notAcceptable()
}

/** Discovery comes in one piece for those who ask for it. */
export function wantsAggregated(header: string | undefined): boolean {
  for (const { type, parameters } of clausesOf(header ?? '')) {
    if (type !== JSON_TYPE) continue
    if (parameters.as === undefined) return false
    if (parameters.as === 'APIGroupDiscoveryList' && parameters.v === 'v2') return true
  }
  return false
}
