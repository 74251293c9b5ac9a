/**
 * Most kinds have two doors: through the main one comes what is wanted, through `status` what was observed, and each keeps the
 * other's half as it was. That is why a controller and its user never overwrite one another.
 *
 * Upstream: pkg/registry/<group>/<kind>/strategy.go
 */
import { equalJson } from '../api/equal.ts'
import { withField } from '../api/filling.ts'
import type { KubeObject } from '../api/object.ts'

interface Halves {
  readonly spec?: unknown
  readonly status?: unknown
}

type TwoHalves = KubeObject & Halves

/** A creator says what is wanted; what is observed begins empty. */
export const withoutStatus =
  <T extends TwoHalves>(initial: NonNullable<T['status']>) =>
  (object: T): T =>
    withField(object, 'status', initial)

/** Keeps the half that this door may not change. */
export const twoDoors = <T extends TwoHalves>(object: T, old: T, subresource: string): T =>
  subresource === 'status' ? withField(object, 'spec', old.spec) : withField(object, 'status', old.status)

/** The status door of workloads changes neither what is wanted nor labels. */
export const workloadDoors = <T extends TwoHalves>(object: T, old: T, subresource: string): T =>
  subresource === 'status'
    ? withField(
        withField(object, 'spec', old.spec),
        'metadata',
        withField(object.metadata, 'labels', old.metadata.labels),
      )
    : withField(object, 'status', old.status)

export const specChanged = (object: Halves, old: Halves): boolean => !equalJson(object.spec, old.spec)

/** The status of a kind that has none of its own to say yet. */
export const EMPTY_STATUS = {}
