/** Names of Go types, where upstream's messages print them. */
import type { TreeMap } from '../std/tree.ts'

/** `*v1.Deployment` */
export const goTypeOf = (object: TreeMap): string =>
  `*${String(object.apiVersion).split('/').at(-1)}.${String(object.kind)}`
