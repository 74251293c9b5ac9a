/**
 * What a Service may say though it has no effect, or not for long.
 *
 * Upstream: pkg/api/service/warnings.go
 * Left out: warnings about addresses in unusual notations.
 */
import type { Service } from '../../../api/types.generated.ts'
import { goQuote } from '../../../std/go-text.ts'
import { isExternalName, isHeadless, specOf } from './types.ts'

const NONE: readonly string[] = []

const HINTS = 'service.kubernetes.io/topology-aware-hints'

const hints = ({ metadata: { annotations = {} } }: Service): readonly string[] =>
  annotations[HINTS] === undefined
    ? NONE
    : [`annotation ${HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`]

export function serviceWarnings(service: Service, old: Service | undefined): readonly string[] {
  if (old && old.spec === service.spec) return NONE
  const spec = specOf(service)
  const { externalIPs = [], externalName, trafficDistribution, sessionAffinity } = spec
  return [
    ...hints(service),
    ...(isHeadless(spec) && sessionAffinity === 'ClientIP'
      ? ['spec.SessionAffinity is ignored for headless services']
      : NONE),
    ...(externalIPs.length > 0
      ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']
      : NONE),
    ...(externalName && !isExternalName(spec)
      ? [`spec.externalName is ignored when spec.type is not ${goQuote('ExternalName')}`]
      : NONE),
    ...(trafficDistribution === 'PreferClose'
      ? [`spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"`]
      : NONE),
  ]
}
