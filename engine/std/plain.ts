/**
 * Worlds are plain data. In development what the reducer returns is frozen and refused if it is anything else, so that a
 * mutation or a function in it fails where it is made and not where it is read.
 */

/** Freezes `value` and all below it; throws at the first thing that JSON could not bring back. */
export function freezePlain<T>(value: T, path = 'world'): T {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
    throw new Error(`${path} is a ${typeof value}: a world is plain data`)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Error(`${path} is ${value}: JSON has no such number`)
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    throw new Error(`${path} is an instance of a class: a world is plain data`)
  Object.freeze(value)
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) throw new Error(`${path}.${name} is undefined: leave the field out`)
    freezePlain(part, `${path}.${name}`)
  }
  return value
}
