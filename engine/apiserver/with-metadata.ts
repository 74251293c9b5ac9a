/** Objects with something else in their metadata; everything that stays is shared. */
import type { KubeObject, ObjectMeta } from '../api/object.ts'

type MetadataChange = { readonly [K in keyof ObjectMeta]?: ObjectMeta[K] | undefined }

/** The object with some of its metadata changed; a field set to undefined is gone. */
export function withMetadata<T extends KubeObject>(object: T, change: MetadataChange): T {
  const metadata: Record<string, unknown> = { ...object.metadata }
  for (const key of Object.keys(change) as (keyof ObjectMeta)[]) {
    if (change[key] === undefined) delete metadata[key]
    else metadata[key] = change[key]
  }
  return { ...object, metadata: metadata as unknown as ObjectMeta }
}
