/** The sentences that hold of every cluster that works, and whether they hold of this one at this moment. */
import { PROPERTIES } from '../../../engine/check/cluster-properties.ts'
import { nameOfObject, type Property, sentenceOf, type Violation } from '../../../engine/check/property.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { listObjects } from '../../../engine/etcd/store.ts'

export interface Law {
  readonly sentence: string
  readonly because: string
  readonly kind: 'always' | 'eventually'
  readonly broken: readonly Violation[]
}

const objectName = (kind: string, namespace: string | undefined, name: string): string =>
  nameOfObject(kind, namespace ? `${namespace}/${name}` : name)

function brokenIn(property: Property, world: World): readonly Violation[] | undefined {
  if ('eventually' in property) return property.broken(world)
  if (!('always' in property)) return undefined
  return listObjects(world.server.store, property.of).flatMap((object) => {
    const says = property.broken(object, world)
    const { namespace, name } = object.metadata
    return says === undefined ? [] : [{ object: objectName(object.kind, namespace, name), says }]
  })
}

/** Those that can be read off one state; sentences about steps are for the search. */
export function lawsOf(world: World): readonly Law[] {
  return PROPERTIES.flatMap((property) => {
    const broken = brokenIn(property, world)
    const kind = 'always' in property ? ('always' as const) : ('eventually' as const)
    return broken
      ? [{ sentence: sentenceOf(property), because: property.because, kind, broken: broken.slice(0, 5) }]
      : []
  })
}
