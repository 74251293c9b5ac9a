/** Compares what was recorded with what came, value by value; says where they first part. */
import { type Bindings, matchText, substituted } from './symbols.ts'

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, 300)

const differs = (path: string, expected: unknown, actual: unknown): string =>
  `${path || '.'}: expected ${show(expected)}, got ${show(actual)}`

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function matchLists(
  expected: readonly unknown[],
  actual: unknown,
  bindings: Bindings,
  path: string,
): string | undefined {
  if (!Array.isArray(actual)) return differs(path, expected, actual)
  if (actual.length !== expected.length)
    return `${path}: expected ${expected.length} items, got ${actual.length}: ${show(expected)}, ${show(actual)}`
  for (const [i, item] of expected.entries()) {
    const difference = matchValue(item, actual[i], bindings, `${path}[${i}]`)
    if (difference) return difference
  }
  return undefined
}

function matchMaps(
  expected: Readonly<Record<string, unknown>>,
  actual: unknown,
  bindings: Bindings,
  path: string,
): string | undefined {
  if (!isMap(actual)) return differs(path, expected, actual)
  const seen = new Set<string>()
  for (const [recorded, value] of Object.entries(expected)) {
    const key = recorded.includes('$') ? substituted(recorded, bindings) : recorded
    seen.add(key)
    if (!(key in actual)) return differs(`${path}.${key}`, value, undefined)
    const difference = matchValue(value, actual[key], bindings, `${path}.${key}`)
    if (difference) return difference
  }
  const more = Object.keys(actual).find((key) => !seen.has(key))
  return more === undefined ? undefined : differs(`${path}.${more}`, undefined, actual[more])
}

/** The first difference, or undefined when they agree. Keys may be in any order. */
export function matchValue(expected: unknown, actual: unknown, bindings: Bindings, path = ''): string | undefined {
  if (typeof expected === 'string') {
    const text = typeof actual === 'number' && expected.startsWith('$port') ? String(actual) : actual
    return typeof text === 'string' && matchText(expected, text, bindings) ? undefined : differs(path, expected, actual)
  }
  if (Array.isArray(expected)) return matchLists(expected, actual, bindings, path)
  if (isMap(expected)) return matchMaps(expected, actual, bindings, path)
  return expected === actual ? undefined : differs(path, expected, actual)
}

const STEP = /\[([^\]=]+)=([^\]]*)\]|\[(\d+)\]|#|(?:[^.[\]\\#]|\\.)+/g

/** The value at `spec.containers[0].image`, `conditions.[type=Ready].status`, `items.#`. */
export function valueAtPath(value: unknown, path: string): unknown {
  let found = value
  for (const [step, key, wanted, index] of path.matchAll(STEP)) {
    if (found === undefined || found === null) return undefined
    if (step === '#') found = Array.isArray(found) ? found.length : undefined
    else if (index !== undefined) found = (found as readonly unknown[])[Number(index)]
    else if (key !== undefined)
      found = (found as readonly Record<string, unknown>[]).find?.((item) => String(item[key]) === wanted)
    else found = (found as Record<string, unknown>)[step.replace(/\\(.)/g, '$1')]
  }
  return found
}

/** Compares some paths; null stands for absent. */
export function matchPaths(
  only: Readonly<Record<string, unknown>>,
  actual: unknown,
  bindings: Bindings,
): string | undefined {
  for (const [path, expected] of Object.entries(only)) {
    const found = valueAtPath(actual, path)
    if (expected === null && (found === undefined || found === null)) continue
    const difference = matchValue(expected, found, bindings, path)
    if (difference) return difference
  }
  return undefined
}
