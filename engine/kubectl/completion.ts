/** What completion answers: words, and a hint to the shell what else it may do. Upstream: github.com/spf13/cobra. */

/** cobra's hints, as numbers that add up. */
export const NO_SPACE = 2
export const NO_FILES = 4
export const FILTER_EXTENSIONS = 8

export interface Completion {
  /** Each perhaps with a tab and a description. */
  readonly words: readonly string[]
  readonly directive: number
}

export const NO_COMPLETION: Completion = { words: [], directive: NO_FILES }
