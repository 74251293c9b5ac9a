/** Tells on standard error what takes longer than two seconds, and how far it is; nothing is said about what is quick. */

const SILENT_FOR = 2000
const SAY_EVERY = 1000
/** Lines that stay are written less often. */
const WRITE_EVERY = 5000

export interface Progress {
  /** Where it stands. May be called often. */
  readonly note: (text: () => string) => void
  /** It is over: the line that was being rewritten is cleared. */
  readonly end: () => void
}

export function startProgress(): Progress {
  const { stderr } = process
  const every = stderr.isTTY ? SAY_EVERY : WRITE_EVERY
  let saidAt = performance.now() + SILENT_FOR - every
  let isShown = false
  return {
    note: (text) => {
      const now = performance.now()
      if (now - saidAt < every) return
      saidAt = now
      isShown = stderr.isTTY
      stderr.write(stderr.isTTY ? `\r\u001b[K${text()}` : `${text()}\n`)
    },
    end: () => {
      if (isShown) stderr.write('\r\u001b[K')
    },
  }
}
