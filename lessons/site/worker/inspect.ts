/** What `kubectl` would say about one object, asked in a fork that nobody sees. */
import type { World } from '../../../engine/cluster/world.ts'
import type { Tree } from '../../../engine/std/tree.ts'
import { formatYaml } from '../../../engine/std/yaml.ts'
import { tryOut } from './complete.ts'
import type { Inspected } from './messages.ts'
import { objectAt } from './scene.ts'

/** `pods`, `default/web-1` → `pods web-1 -n default` */
export function wordsFor(resource: string, key: string): string {
  const [namespace, name] = key.includes('/') ? key.split('/') : [undefined, key]
  const place = namespace && namespace !== 'default' ? ` -n ${namespace}` : ''
  return `${resource.split('.')[0]!.replace(/s$/, '')} ${name}${place}`
}

function yamlOf(world: World, resource: string, key: string): string {
  const object = objectAt(world, resource, key)
  if (!object) return ''
  const { managedFields: _managed, ...metadata } = object.metadata
  return formatYaml({ ...object, metadata } as unknown as Tree)
}

/** Empty when there is no such object at that moment. */
export function inspect(world: World, resource: string, key: string, as: Inspected): string {
  if (!objectAt(world, resource, key)) return ''
  return as === 'yaml' ? yamlOf(world, resource, key) : tryOut(world, `kubectl describe ${wordsFor(resource, key)}`)
}
