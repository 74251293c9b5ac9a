/** The columns of a Scale, which has no folder of its own. Upstream: pkg/printers/internalversion/printers.go (printScale) */
import type { AnyStrategy } from '../../api/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import { AGE, age, integer, text } from '../../kinds/columns.ts'

interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas?: number }
}

export const SCALE: AnyStrategy = {
  resource: 'scales.autoscaling',
  columns: [text('Name'), integer('Desired'), integer('Available'), AGE],
  row: ({ metadata, spec, status }: Scale, nowUnix) => [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    age(metadata.creationTimestamp, nowUnix),
  ],
} as AnyStrategy
