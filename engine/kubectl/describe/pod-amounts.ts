/**
 * What a Pod requests or may use in all, as quantities that keep their spelling: containers together, init containers one
 * after another, sidecars beside both.
 *
 * Upstream: staging/src/k8s.io/component-helpers/resource/helpers.go
 */
import { addQuantities, compareQuantities, type Quantity, quantityOf } from '../../std/quantity.ts'
import type { TreeMap } from '../../std/tree.ts'
import { listAt, mapAt } from './text.ts'

export type AmountKind = 'requests' | 'limits'
export type Amounts = ReadonlyMap<string, Quantity>

export function addAmounts(into: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) into.set(name, into.has(name) ? addQuantities(into.get(name)!, amount) : amount)
}

function raiseAmounts(into: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const old = into.get(name)
    if (!old || compareQuantities(amount, old) > 0) into.set(name, amount)
  }
}

const amountsIn = (map: TreeMap): Amounts =>
  new Map(Object.entries(map).map(([name, text]) => [name, quantityOf(String(text))]))

export function podAmounts(pod: TreeMap, kind: AmountKind): Amounts {
  const spec = mapAt(pod, 'spec')
  const claim = (container: TreeMap): Amounts => amountsIn(mapAt(container, 'resources', kind))
  const total = new Map<string, Quantity>()
  const sidecars = new Map<string, Quantity>()
  const peak = new Map<string, Quantity>()
  for (const container of listAt(spec, 'containers')) addAmounts(total, claim(container))
  for (const container of listAt(spec, 'initContainers')) {
    const meanwhile = new Map(sidecars)
    addAmounts(meanwhile, claim(container))
    raiseAmounts(peak, meanwhile)
    if (container.restartPolicy !== 'Always') continue
    addAmounts(sidecars, claim(container))
    addAmounts(total, claim(container))
  }
  raiseAmounts(total, peak)
  for (const [name, amount] of amountsIn(mapAt(spec, 'resources', kind))) total.set(name, amount)
  const overhead = amountsIn(mapAt(spec, 'overhead'))
  if (kind === 'requests') addAmounts(total, overhead)
  else
    for (const [name, amount] of overhead) if (total.has(name)) total.set(name, addQuantities(total.get(name)!, amount))
  return total
}
