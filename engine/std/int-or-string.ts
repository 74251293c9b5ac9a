/**
 * A number or a percentage, as in `maxSurge: 25%`, and what it comes to for a given whole.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/intstr/intstr.go
 */
export type IntOrString = number | string

/** `25%` → 25; undefined for what is no percentage. */
export function percentOf(value: IntOrString): number | undefined {
  const digits = typeof value === 'string' ? /^([+-]?\d+)%$/.exec(value)?.[1] : undefined
  return digits === undefined ? undefined : Number(digits)
}

/** The number it stands for when the whole is `total`; undefined when it is neither a number nor a percentage. */
export function scaledIntOrString(value: IntOrString, total: number, roundUp: boolean): number | undefined {
  if (typeof value === 'number') return value
  const percent = percentOf(value)
  if (percent === undefined) return undefined
  const share = (percent * total) / 100
  return roundUp ? Math.ceil(share) : Math.floor(share)
}
