/** Whether two JSON values say the same. Equal pointers are equal without looking, which is what sharing structure buys. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b)
  return !Array.isArray(b) && equalMaps(a as Record<string, unknown>, b as Record<string, unknown>)
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!equalJson(a[i], b[i])) return false
  return true
}

function equalMaps(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let left = 0
  for (const key in a) {
    left++
    if (!(key in b) || !equalJson(a[key], b[key])) return false
  }
  for (const _ in b) left--
  return left === 0
}
