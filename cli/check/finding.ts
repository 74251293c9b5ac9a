/** What a check finds: where, how bad, about what, and why. */

export type Severity = 'error' | 'warning' | 'note'

export interface Place {
  readonly file: string
  /** Counted from one. */
  readonly line: number
  readonly column: number
}

export interface Finding {
  readonly severity: Severity
  readonly place: Place
  /** `Deployment default/web`; absent for what is no object yet. */
  readonly object?: string
  readonly message: string
  /** What led to it, in the cluster's own words. */
  readonly because?: readonly string[]
}

export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`
