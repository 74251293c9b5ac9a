/** The kinds that v1.36 serves by default, in the order of discovery: facts, written down in served-kinds.json. */
import { readFileSync } from 'node:fs'
import type { ServedKind, Subresource } from '../../engine/api/schema.ts'

interface Resource {
  readonly name: string
  readonly singularName: string
  readonly namespaced: boolean
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

/** `rbac.authorization.k8s.io`, `v1`, `Role` → `rbac.v1.Role` */
const typeName = (group: string, version: string, kind: string): string =>
  `${group.split('.')[0] || 'core'}.${version}.${kind}`

function subresource(path: string, { kind, group, version, verbs }: Resource): Subresource {
  const name = path.slice(path.indexOf('/') + 1)
  return { name, kind, ...(group !== undefined && { group }), ...(version && { version }), verbs }
}

function servedKind(resource: Resource, groupVersion: string, all: readonly Resource[]): ServedKind {
  const [version, group = ''] = groupVersion.split('/').reverse() as [string, string?]
  const { name, singularName, namespaced, kind, verbs, shortNames, categories } = resource
  const subresources = all.filter((other) => other.name.startsWith(`${name}/`))
  return {
    group,
    version,
    kind,
    plural: name,
    singular: singularName,
    namespaced,
    type: typeName(resource.group ?? group, resource.version ?? version, kind),
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    verbs,
    ...(subresources.length > 0 && { subresources: subresources.map((sub) => subresource(sub.name, sub)) }),
  }
}

export function servedKinds(): readonly ServedKind[] {
  const text = readFileSync(new URL('served-kinds.json', import.meta.url), 'utf8')
  const served = JSON.parse(text) as Record<string, Resource[]>
  return Object.entries(served).flatMap(([groupVersion, resources]) =>
    resources
      .filter(({ name }) => !name.includes('/'))
      .map((resource) => servedKind(resource, groupVersion, resources)),
  )
}
