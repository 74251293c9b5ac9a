/**
 * The shell's patterns (`*`, `?`, `[a-z]`), for file names, `case`, `${name%pattern}` and `[[ == ]]`.
 */

const SPECIAL = /[.+^${}()|\\/]/

/** A regular expression source for a pattern; `quoted` marks the letters that stand for themselves. */
export function patternSource(pattern: string, quoted: readonly boolean[] = []): string {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const letter = pattern.charAt(i)
    const close = letter === '[' ? pattern.indexOf(']', i + 2) : -1
    if (quoted[i]) source += letter.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')
    else if (letter === '*') source += '[^]*'
    else if (letter === '?') source += '[^]'
    else if (close > 0) {
      source += pattern
        .slice(i, close + 1)
        .replace(/^\[!/, '[^')
        .replace(/\\/g, '\\\\')
      i = close
    } else source += letter === '[' ? '\\[' : letter.replace(SPECIAL, '\\$&')
  }
  return source
}

export const matchesPattern = (text: string, pattern: string, quoted?: readonly boolean[]): boolean =>
  new RegExp(`^${patternSource(pattern, quoted)}$`).test(text)

/** `${name#pattern}` and `${name##pattern}`. */
export function withoutPrefix(text: string, pattern: string, longest: boolean): string {
  const whole = new RegExp(`^${patternSource(pattern)}$`)
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length)
  const length = (longest ? lengths.reverse() : lengths).find((count) => whole.test(text.slice(0, count)))
  return length === undefined ? text : text.slice(length)
}

/** `${name%pattern}` and `${name%%pattern}`. */
export function withoutSuffix(text: string, pattern: string, longest: boolean): string {
  const whole = new RegExp(`^${patternSource(pattern)}$`)
  const starts = Array.from({ length: text.length + 1 }, (_, start) => start)
  const start = (longest ? starts : starts.reverse()).find((at) => whole.test(text.slice(at)))
  return start === undefined ? text : text.slice(0, start)
}

/** `${name/pattern/word}` and `${name//pattern/word}`. */
export const replacePattern = (text: string, pattern: string, word: string, all: boolean): string =>
  text.replace(new RegExp(patternSource(pattern).replaceAll('[^]*', '[^]*?'), all ? 'g' : ''), () => word)
