/**
 * Looks whether the object may be so: first its metadata, by rules that all kinds share, then the rest, by the rules of its kind. All
 * that is wrong is said at once.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/registry/rest/{create,update}.go (BeforeCreate, BeforeUpdate)
 */
import { metadataProblems, metadataUpdateProblems, pathSegment } from '../../api/meta-validation.ts'
import type { Problem } from '../../api/problem.ts'
import { type Exchange, objectOf, type Stage, warned } from '../exchange.ts'
import { invalid } from '../refusals.ts'

const NONE: readonly Problem[] = []

const refusing = (exchange: Exchange, problems: readonly Problem[]): ReturnType<Stage> =>
  problems.length > 0 ? invalid(exchange.resource, objectOf(exchange).metadata.name ?? '', problems) : exchange

const isTrusted = ({ request }: Exchange): boolean => request.trusted === true

function withWarnings(exchange: Exchange): Exchange {
  const { strategy } = exchange.resource
  const warnings = strategy.warnings?.(exchange.object as never, exchange.old as never)
  return warnings ? warned(exchange, warnings) : exchange
}

/** Some kinds look at their metadata only when nothing else is wrong. */
function together({ resource }: Exchange, metadata: readonly Problem[], own: readonly Problem[]): readonly Problem[] {
  if (!resource.strategy.metadataLast) return [...metadata, ...own]
  return own.length > 0 ? own : metadata
}

function looked(exchange: Exchange, metadata: readonly Problem[], own: readonly Problem[]): ReturnType<Stage> {
  const result = refusing(exchange, together(exchange, metadata, own))
  return result === exchange ? withWarnings(exchange) : result
}

export const validateCreate: Stage = (exchange) => {
  if (isTrusted(exchange)) return exchange
  const { metadata: rules, strategy } = exchange.resource
  const object = objectOf(exchange)
  return looked(exchange, metadataProblems(object.metadata, rules), strategy.validate?.(object as never) ?? NONE)
}

export const validateUpdate: Stage = (exchange) => {
  if (isTrusted(exchange)) return exchange
  const { metadata: rules, strategy } = exchange.resource
  const object = objectOf(exchange)
  const old = exchange.old!
  const changes = metadataUpdateProblems(object.metadata, old.metadata)
  const metadata = [...metadataProblems(object.metadata, { ...rules, name: pathSegment }), ...changes, ...changes]
  const own = strategy.validateUpdate?.(object as never, old as never, exchange.request.subresource ?? '') ?? NONE
  return looked(exchange, metadata, own)
}
