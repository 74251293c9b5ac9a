/**
 * How lists and maps merge. The published OpenAPI document is v1.27's; what came later, and
 * defaults, which it does not carry, stand in additions.json.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openapiName } from './names.ts'

export interface Merge {
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listKeys?: readonly string[]
  readonly atomic?: true
  readonly patch?: string
  readonly patchKey?: string
  readonly default?: string | number
}

interface Property {
  readonly [key: `x-kubernetes-${string}`]: unknown
}

export interface MergeMetadata {
  readonly field: (type: string, field: string) => Merge
  readonly isAtomic: (type: string) => boolean
}

function mergeOf(property: Property): Merge {
  const listType = property['x-kubernetes-list-type'] as Merge['listType']
  const listKeys = property['x-kubernetes-list-map-keys'] as readonly string[] | undefined
  const patch = property['x-kubernetes-patch-strategy'] as string | undefined
  const patchKey = property['x-kubernetes-patch-merge-key'] as string | undefined
  return {
    ...(listType && { listType }),
    ...(listKeys && { listKeys }),
    ...(property['x-kubernetes-map-type'] === 'atomic' && { atomic: true as const }),
    ...(patch && { patch }),
    ...(patchKey && { patchKey }),
  }
}

export function mergeMetadata(directory: string): MergeMetadata {
  const document = JSON.parse(readFileSync(join(directory, 'api/kubernetes.io.json'), 'utf8'))
  const schemas = document.components.schemas as Record<string, Property & { properties?: Record<string, Property> }>
  const additions = JSON.parse(readFileSync(new URL('additions.json', import.meta.url), 'utf8')) as {
    fields: Record<string, Record<string, Merge>>
    atomicTypes: string[]
  }
  return {
    field: (type, field) => ({
      ...mergeOf(schemas[openapiName(type)]?.properties?.[field] ?? {}),
      ...additions.fields[type]?.[field],
    }),
    isAtomic: (type) =>
      schemas[openapiName(type)]?.['x-kubernetes-map-type'] === 'atomic' || additions.atomicTypes.includes(type),
  }
}
