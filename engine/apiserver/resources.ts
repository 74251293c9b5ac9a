/**
 * What is served: each resource with its versions, the one in which it is stored, and the strategy of its kind. Built from the
 * schema once; custom resources come in beside the built-in ones.
 *
 * Upstream: pkg/controlplane/instance.go
 */
import { ownedShape, type Shape } from '../api/apply/shape.ts'
import type { AnyStrategy } from '../api/kind.ts'
import type { MetadataRules } from '../api/meta-validation.ts'
import type { ResourceName } from '../api/object.ts'
import type { ServedKind } from '../api/schema.ts'
import { allServed, resourceNameOf } from '../api/schema-table.ts'
import { dnsSubdomain } from '../api/validate/formats.ts'
import { strategyFor } from '../kinds/index.ts'
import { genericStrategy } from './generic-strategy.ts'

export interface Resource {
  readonly name: ResourceName
  readonly group: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Preferred first. */
  readonly versions: readonly ServedKind[]
  readonly stored: ServedKind
  readonly strategy: AnyStrategy
  readonly metadata: MetadataRules
  readonly hasStatus: boolean
}

/** `apps/v1`, or `v1` of the core. */
export const apiVersionOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group ? `${group}/${version}` : version

/** Kinds that are stored in another version than the one that is preferred, or as another resource. */
const STORED_AS: Readonly<Record<ResourceName, ResourceName>> = { 'events.events.k8s.io': 'events' }

/** Under which name the store keeps it. */
export const storedName = (name: ResourceName): ResourceName => STORED_AS[name] ?? name

function resourceOf(versions: readonly ServedKind[]): Resource {
  const preferred = versions[0]!
  const { group, plural, kind, namespaced } = preferred
  const name = resourceNameOf(preferred)
  const strategy = strategyFor(name) ?? genericStrategy(preferred)
  return {
    name,
    group,
    plural,
    kind,
    namespaced,
    versions,
    stored: preferred,
    strategy,
    metadata: { namespaced, name: strategy.nameFormat ?? dnsSubdomain },
    hasStatus: preferred.subresources?.some((sub) => sub.name === 'status') ?? false,
  }
}

function builtIn(): ReadonlyMap<ResourceName, Resource> {
  const versions = new Map<ResourceName, ServedKind[]>()
  for (const served of allServed()) {
    const name = resourceNameOf(served)
    versions.set(name, [...(versions.get(name) ?? []), served])
  }
  return new Map([...versions].map(([name, all]) => [name, resourceOf(all)]))
}

let known: ReadonlyMap<ResourceName, Resource> | undefined

export const resources = (): ReadonlyMap<ResourceName, Resource> => (known ??= builtIn())

export const resourceNamed = (name: ResourceName): Resource | undefined => resources().get(name)

export const servedIn = (resource: Resource, version: string | undefined): ServedKind | undefined =>
  version === undefined ? resource.versions[0] : resource.versions.find((served) => served.version === version)

export const shapeOf = ({ type }: ServedKind): Shape => ownedShape(type)
