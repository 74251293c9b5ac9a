/** Fills in what was left out, as the kind says. Upstream: pkg/apis/<group>/v1/defaults.go */
import { objectOf, type Stage } from '../exchange.ts'

export const fill: Stage = (exchange) => {
  const { defaults } = exchange.resource.strategy
  const object = objectOf(exchange)
  const filled = defaults ? defaults(object as never) : object
  return filled === object ? exchange : { ...exchange, object: filled }
}
