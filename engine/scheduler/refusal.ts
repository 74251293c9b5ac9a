/**
 * Why a Pod may not go to a node, in upstream's words, because that text is what people read when their Pod stays
 * Pending.
 *
 * Upstream: staging/src/k8s.io/kube-scheduler/framework (Status), pkg/scheduler/framework/types.go (FitError)
 */
export interface Refusal {
  readonly reasons: readonly string[]
  /** Taking other Pods away from the node would not help. */
  readonly unresolvable: boolean
  /** It is not that no node fits: something went wrong, and it is tried again after a back-off. */
  readonly error?: true
}

export const refused = (...reasons: readonly string[]): Refusal => ({ reasons, unresolvable: false })

export const unresolvable = (...reasons: readonly string[]): Refusal => ({ reasons, unresolvable: true })

export const failed = (message: string): Refusal => ({ reasons: [message], unresolvable: false, error: true })

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'reasons' in value && 'unresolvable' in value

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** `2 Insufficient cpu, 1 node(s) were unschedulable`: each reason with how often it was given, sorted as text. */
export function tallyOfReasons(counts: ReadonlyMap<string, number>): string {
  const lines = [...counts].map(([reason, count]) => `${count} ${reason}`)
  return lines.sort(byText).join(', ')
}

export function countReasons(counts: Map<string, number>, refusal: Refusal, times: number): void {
  if (times > 0) for (const reason of refusal.reasons) counts.set(reason, (counts.get(reason) ?? 0) + times)
}

/** `0/3 nodes are available: 3 Insufficient cpu.` */
export function noNodesText(nodes: number, said: string): string {
  const opening = `0/${nodes} nodes are available:`
  return said ? `${opening} ${said}.` : opening
}
