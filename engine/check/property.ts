/**
 * A property: a sentence about every cluster that works, with the reason why it must hold. The same properties are the tests, the graders,
 * the checks of people's own manifests and the live display.
 *
 * Most speak about one object at a time, so that after each fact only what changed is looked at.
 */
import type { KubeObject, ResourceName } from '../api/object.ts'
import type { Fact } from '../cluster/fact.ts'
import type { World } from '../cluster/world.ts'
import type { LoggedChange } from '../etcd/store.ts'
import type { Millis } from '../std/time.ts'

export interface Violation {
  /** `Pod default/web-1` */
  readonly object: string
  /** What is wrong with it, for a person. */
  readonly says: string
}

interface Sentence {
  readonly because: string
}

/** Holds in every state. Looked at for each object of the resource that changes. */
export interface Always extends Sentence {
  readonly always: string
  readonly of: ResourceName
  readonly broken: (object: KubeObject, world: World) => string | undefined
}

/** Holds of every write. */
export interface EachStep extends Sentence {
  readonly eachStep: string
  /** Only writes of this resource; all when absent. */
  readonly of?: ResourceName
  readonly broken: (change: LoggedChange, world: World, fact: Fact) => string | undefined
}

/** Holds again, some time after the faults have stopped. */
export interface Eventually extends Sentence {
  readonly eventually: string
  readonly within: Millis
  readonly broken: (world: World) => readonly Violation[]
}

/** The search has been there. A search that never drained a node has not searched. */
export interface Sometimes extends Sentence {
  readonly sometimes: string
  readonly seen: (change: LoggedChange, world: World) => boolean
}

export type Property = Always | EachStep | Eventually | Sometimes

export const always = (sentence: string, rest: Omit<Always, 'always'>): Property => ({ always: sentence, ...rest })

export const eachStep = (sentence: string, rest: Omit<EachStep, 'eachStep'>): Property => ({
  eachStep: sentence,
  ...rest,
})

export const eventually = (sentence: string, rest: Omit<Eventually, 'eventually'>): Property => ({
  eventually: sentence,
  ...rest,
})

export const sometimes = (sentence: string, rest: Omit<Sometimes, 'sometimes'>): Property => ({
  sometimes: sentence,
  ...rest,
})

export const sentenceOf = (property: Property): string =>
  'always' in property
    ? property.always
    : 'eachStep' in property
      ? property.eachStep
      : 'eventually' in property
        ? property.eventually
        : property.sometimes

/** A violation with the property it breaks. */
export interface Broken extends Violation {
  readonly sentence: string
  readonly because: string
  readonly at: Millis
}

export const nameOfObject = (kind: string, key: string): string => `${kind} ${key}`

/** Properties sorted by what they look at, so that a change asks only those which it concerns. */
export interface Watchlist {
  readonly always: ReadonlyMap<ResourceName, readonly Always[]>
  readonly eachStep: readonly EachStep[]
  readonly eventually: readonly Eventually[]
  readonly sometimes: readonly Sometimes[]
}

export function watchlist(properties: readonly Property[]): Watchlist {
  const always = new Map<ResourceName, Always[]>()
  for (const property of properties)
    if ('always' in property) always.set(property.of, [...(always.get(property.of) ?? []), property])
  return {
    always,
    eachStep: properties.filter((property) => 'eachStep' in property),
    eventually: properties.filter((property) => 'eventually' in property),
    sometimes: properties.filter((property) => 'sometimes' in property),
  }
}
