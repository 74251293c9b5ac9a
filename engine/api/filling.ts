/**
 * A small vocabulary for defaults: tables that say what stands in a field when nobody said anything. Where there is
 * nothing to fill in, the very same object comes back, and what has been filled once is remembered, so that
 * the ten thousandth Pod of a template costs a look-up.
 *
 * Upstream: pkg/apis/<group>/v1/defaults.go, zz_generated.defaults.go
 */
export type Fill<T> = (value: T) => T

/** What a field becomes when it is absent; a function is asked with the object, and may say undefined: nothing. */
export type Defaults<T> = {
  readonly [K in keyof T]?: NonNullable<T[K]> | ((value: T) => T[K] | undefined)
}

/** How the fields that are there are filled in themselves. */
export type Inner<T> = { readonly [K in keyof T]?: Fill<NonNullable<T[K]>> }

const isAbsent = (value: unknown): boolean => value === undefined || value === null

type Fields = Record<string, unknown>

function fillAbsent(value: Fields, defaults: Fields, names: readonly string[]): Fields {
  let filled = value
  for (const name of names) {
    if (!isAbsent(value[name])) continue
    const given = defaults[name]
    const chosen = typeof given === 'function' ? given(filled) : given
    if (chosen === undefined) continue
    if (filled === value) filled = { ...value }
    filled[name] = chosen
  }
  return filled
}

function fillInner(value: Fields, inner: Readonly<Record<string, Fill<unknown>>>, names: readonly string[]): Fields {
  let filled = value
  for (const name of names) {
    const before = filled[name]
    if (isAbsent(before)) continue
    const after = inner[name]!(before)
    if (after === before) continue
    if (filled === value) filled = { ...value }
    filled[name] = after
  }
  return filled
}

/** Fills in one object: its own fields first, then what is inside them. */
export function filling<T extends object>(defaults: Defaults<NoInfer<T>>, inner: Inner<NoInfer<T>> = {}): Fill<T> {
  const ownNames = Object.keys(defaults)
  const innerNames = Object.keys(inner)
  return (value) =>
    fillInner(
      fillAbsent(value as Fields, defaults as Fields, ownNames),
      inner as Readonly<Record<string, Fill<unknown>>>,
      innerNames,
    ) as T
}

/** One after another. */
export const inTurn =
  <T>(...fills: readonly Fill<T>[]): Fill<T> =>
  (value) =>
    fills.reduce((filled, fill) => fill(filled), value)

/** Every item of a list. */
export const every =
  <T>(fill: Fill<NoInfer<T>>): Fill<readonly T[]> =>
  (list) => {
    let filled: T[] | undefined
    for (const [index, item] of list.entries()) {
      const after = fill(item)
      if (after !== item) (filled ??= list.slice())[index] = after
    }
    return filled ?? list
  }

/** Remembers what was filled in, and that it needs no more. */
export function once<T extends object>(fill: Fill<T>): Fill<T> {
  const known = new WeakMap<T, T>()
  return (value) => {
    const before = known.get(value)
    if (before) return before
    const filled = fill(value)
    known.set(value, filled)
    known.set(filled, filled)
    return filled
  }
}

/** The object with a field set, or without it when the value is undefined; the same object when nothing changes. */
export function withField<T extends object, K extends keyof T>(object: T, name: K, value: T[K] | undefined): T {
  if (object[name] === value) return object
  if (value !== undefined) return { ...object, [name]: value }
  const { [name]: _dropped, ...rest } = object
  return rest as T
}
