/**
 * What policies and webhooks of admission look at: rules over resources, by default of every scope and everywhere.
 *
 * Upstream: pkg/apis/admissionregistration/v1/defaults.go
 */
import { equalJson } from '../../api/equal.ts'
import { every, type Fill, filling } from '../../api/filling.ts'
import type { KubeObject } from '../../api/object.ts'
import type { MatchResources } from '../../api/types.generated.ts'

interface Scoped {
  readonly scope?: string
}

export const everyScope: Fill<readonly Scoped[]> = every<Scoped>(filling({ scope: '*' }))

export const EVERYTHING = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } as const

export const matchResources: Fill<MatchResources> = filling<MatchResources>(EVERYTHING, {
  resourceRules: everyScope as Fill<NonNullable<MatchResources['resourceRules']>>,
  excludeResourceRules: everyScope as Fill<NonNullable<MatchResources['excludeResourceRules']>>,
})

const withoutMetadata = ({ metadata: _, ...rest }: KubeObject): object => rest

/** These kinds have hardly anything but what is wanted. */
export const contentChanged = (object: KubeObject, old: KubeObject): boolean =>
  !equalJson(withoutMetadata(object), withoutMetadata(old))
