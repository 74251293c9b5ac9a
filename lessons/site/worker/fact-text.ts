/** A fact as a line for people: what happened, to whom. */
import type { Fact } from '../../../engine/cluster/fact.ts'

/** Fields that say which fact it is, in the order in which one would say them. */
const TELLING = ['client', 'machine', 'from', 'key', 'container', 'image', 'probe', 'line', 'path', 'press'] as const

/** `request/arrived · deployment-controller · default/web` */
export function factText(fact: Fact): string {
  const fields = fact as unknown as Readonly<Record<string, unknown>>
  const told = TELLING.map((name) => fields[name]).filter((value) => typeof value === 'string')
  const ask = fact.type === 'ask/arrived' ? [`${fact.ask.verb} ${fact.ask.resource}`] : []
  return [fact.type, ...told, ...ask].join(' · ')
}
