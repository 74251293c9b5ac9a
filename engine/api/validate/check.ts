/**
 * A small vocabulary for saying what a type may hold. A check looks at one value and says what is wrong with it;
 * checks of a type's fields are put one under the other, in the order in which upstream reports them, and read
 * like the type's own documentation. Kinds are checked by tables of these words.
 */
import type { Problem } from '../problem.ts'
import { invalid, notSupported, required } from './problems.ts'

/** What is wrong with `value`, which stands at `path`. */
export type Check<T> = (value: T, path: string) => readonly Problem[]

export const FINE: readonly Problem[] = []

/** The path of a field; the object itself has the empty path. */
export const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

export const join = (some: readonly Problem[], more: readonly Problem[]): readonly Problem[] =>
  more.length === 0 ? some : some.length === 0 ? more : [...some, ...more]

/** One check after another, all of them. */
export const all =
  <T>(...checks: readonly Check<T>[]): Check<T> =>
  (value, path) => {
    let problems = FINE
    for (const check of checks) problems = join(problems, check(value, path))
    return problems
  }

/** The first check that finds something has the last word. */
export const first =
  <T>(...checks: readonly Check<T>[]): Check<T> =>
  (value, path) => {
    for (const check of checks) {
      const problems = check(value, path)
      if (problems.length > 0) return problems
    }
    return FINE
  }

export const when =
  <T>(holds: (value: T) => boolean, check: Check<T>): Check<T> =>
  (value, path) =>
    holds(value) ? check(value, path) : FINE

/** Upstream's zero value: absent, "", 0, an empty list or map. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === 0 || (Array.isArray(value) && value.length === 0)

/** A field that is there. `shown`: what the path calls it, where upstream's differs from the field's name. */
export const at =
  <T, K extends keyof T & string>(name: K, check: Check<NonNullable<T[K]>>, shown: string = name): Check<T> =>
  (value, path) => {
    const inner = value[name]
    return inner === undefined || inner === null ? FINE : check(inner, child(path, shown))
  }

/** A field that is there and not empty. */
export const filled =
  <T, K extends keyof T & string>(name: K, check: Check<NonNullable<T[K]>>): Check<T> =>
  (value, path) =>
    isEmpty(value[name]) ? FINE : check(value[name]!, child(path, name))

/** A field that must not be empty; when it is not, `check` goes on. */
export const need =
  <T, K extends keyof T & string>(name: K, check: Check<NonNullable<T[K]>> = () => FINE, detail = ''): Check<T> =>
  (value, path) => {
    const inner = value[name]
    return isEmpty(inner) ? [required(child(path, name), detail)] : check(inner!, child(path, name))
  }

/** Each item of a list, under its index. */
export const each =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (list, path) => {
    let problems = FINE
    for (let i = 0; i < list.length; i++) problems = join(problems, check(list[i]!, `${path}[${i}]`))
    return problems
  }

/** Each entry of a map, under its key. */
export const eachEntry =
  <T>(check: (value: T, path: string, key: string) => readonly Problem[]): Check<Readonly<Record<string, T>>> =>
  (map, path) => {
    let problems = FINE
    for (const key of Object.keys(map).sort()) problems = join(problems, check(map[key]!, `${path}[${key}]`, key))
    return problems
  }

/** Refuses a value for which `holds` does not hold. */
export const must =
  <T>(holds: (value: T) => boolean, detail: string | ((value: T) => string)): Check<T> =>
  (value, path) =>
    holds(value) ? FINE : [invalid(path, value, typeof detail === 'string' ? detail : detail(value))]

export const oneOf =
  (...supported: readonly string[]): Check<string> =>
  (value, path) =>
    supported.includes(value) ? FINE : [notSupported(path, value, supported)]

export const between = (low: number, high: number): Check<number> =>
  must((value) => value >= low && value <= high, `must be between ${low} and ${high}, inclusive`)

export const notNegative: Check<number> = must((value) => value >= 0, 'must be greater than or equal to 0')

/** A format speaks of text alone; lifted, it becomes a check. */
export type Format = (text: string) => readonly string[]

export const like =
  (format: Format): Check<string> =>
  (text, path) => {
    const details = format(text)
    return details.length === 0 ? FINE : details.map((detail) => invalid(path, text, detail))
  }

/** Remembers what was found in a value that is used again and again: the spec of a template, a selector, an affinity. */
export function remembered<T extends object>(
  check: (value: T) => readonly Problem[],
): (value: T) => readonly Problem[] {
  const known = new WeakMap<T, readonly Problem[]>()
  return (value) => {
    let problems = known.get(value)
    if (!problems) known.set(value, (problems = check(value)))
    return problems
  }
}
