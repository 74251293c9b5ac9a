/** What the islands read: all of it, or one thing computed from it. */
import { useEffect, useState } from 'preact/hooks'
import { current, type Shown, subscribe } from './connection.ts'

/** Renders again when what is picked is another value. */
export function useShown<T>(pick: (shown: Shown) => T): T {
  const [value, setValue] = useState(() => pick(current()))
  useEffect(() => {
    const look = () => setValue(() => pick(current()))
    look()
    return subscribe(look)
  }, [])
  return value
}
