/**
 * Quantities of resources as numbers, and back in the spelling that upstream prefers: thousandths of a CPU with `m`,
 * bytes with the largest binary suffix that divides them.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/api/resource
 * Left out: amounts beyond what a double holds exactly.
 */
const SUFFIX: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

const QUANTITY = /^([+-]?[0-9.]+)(?:[eE]([+-]?\d+))?([a-zA-Z]*)$/

/** The number a quantity stands for: CPUs, bytes, pieces. Not a quantity: 0, which validation has ruled out before. */
export function amountOf(quantity: string | number | undefined): number {
  if (quantity === undefined) return 0
  const match = QUANTITY.exec(String(quantity))
  if (!match) return 0
  const [, digits, exponent, suffix] = match
  return Number(digits) * 10 ** Number(exponent ?? 0) * (SUFFIX[suffix ?? ''] ?? 1)
}

export const milliOf = (quantity: string | number | undefined): number => Math.ceil(amountOf(quantity) * 1000 - 1e-6)

export const cpuQuantity = (milli: number): string => (milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`)

const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const

export function byteQuantity(bytes: number): string {
  for (const suffix of BINARY) {
    const unit = SUFFIX[suffix]!
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit}${suffix}`
  }
  return String(bytes)
}

export const quantityOf = (resource: string, amount: number): string =>
  resource === 'cpu' ? cpuQuantity(Math.round(amount * 1000)) : byteQuantity(amount)
