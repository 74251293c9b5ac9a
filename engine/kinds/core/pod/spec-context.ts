/** What the checks of one container need to know of the Pod around it. */
import type { PodSpec, Volume } from '../../../api/types.generated.ts'

export interface SpecContext {
  /** A Pod itself, not the template of one. */
  readonly isPod: boolean
  readonly podName: string | undefined
  readonly spec: PodSpec
  readonly gracePeriod: number | undefined
  readonly restartPolicy: string
  readonly hostUsers: boolean
  /** The volumes that are fine: the others have been complained about, and are not there for mounts. */
  readonly volumes: ReadonlyMap<string, Volume>
  readonly claimNames: ReadonlySet<string>
}
