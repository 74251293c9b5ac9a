/** What the browser keeps for us. A browser may refuse; then the page works on and forgets. */

const PREFIX = 'kubefold.'

/** Keeps a value, or forgets it when it is undefined; false when the browser refuses. */
export function keep(storage: Storage, name: string, value: unknown): boolean {
  try {
    if (value === undefined) storage.removeItem(PREFIX + name)
    else storage.setItem(PREFIX + name, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function kept<T>(storage: Storage, name: string): T | undefined {
  try {
    const text = storage.getItem(PREFIX + name)
    return text === null ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}
