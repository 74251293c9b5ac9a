/**
 * The shape of a shell script once it is understood: plain data, so that a script which sleeps in the middle of a loop can be saved,
 * copied and gone on with.
 *
 * Upstream: POSIX.1-2024, Shell Command Language, with what bash users expect of it (`[[ ]]`, `(( ))`, here-strings).
 * Left out: arrays, `select`, `coproc`, process substitution, extended globs, aliases within scripts.
 */

/** A piece of a word. `quoted` pieces are neither split nor matched against file names. */
export type WordPart =
  | { readonly is: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly is: 'parameter'; readonly name: string; readonly quoted: boolean; readonly operation?: Operation }
  | { readonly is: 'substitution'; readonly script: Script; readonly quoted: boolean }
  | { readonly is: 'arithmetic'; readonly text: Word; readonly quoted: boolean }

/** `${name:-word}`, `${#name}`, `${name%pattern}`, `${name/pattern/word}`, `${name:offset:length}`. */
export interface Operation {
  readonly kind: '-' | '=' | '?' | '+' | '#' | '##' | '%' | '%%' | '/' | '//' | 'length' | 'slice' | '^^' | ',,'
  /** With a colon the empty string counts as unset. */
  readonly colon: boolean
  readonly word: Word
  readonly second?: Word
}

export type Word = readonly WordPart[]

export interface Redirect {
  readonly descriptor: number
  readonly kind: '<' | '>' | '>>' | '>&' | '<&' | '<<' | '<<<'
  /** The file, the other descriptor, or the text of a here-document. */
  readonly target: Word
}

export interface Assignment {
  readonly name: string
  readonly value: Word
}

export type Node =
  | {
      readonly is: 'simple'
      readonly assignments: readonly Assignment[]
      readonly words: readonly Word[]
      readonly redirects: readonly Redirect[]
      readonly line: number
    }
  | { readonly is: 'group' | 'subshell'; readonly body: Script; readonly redirects: readonly Redirect[] }
  | {
      readonly is: 'if'
      readonly branches: readonly { readonly condition: Script; readonly body: Script }[]
      readonly otherwise: Script | null
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly is: 'while'
      readonly until: boolean
      readonly condition: Script
      readonly body: Script
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly is: 'for'
      readonly name: string
      /** Null: the positional parameters. */
      readonly words: readonly Word[] | null
      readonly body: Script
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly is: 'case'
      readonly subject: Word
      readonly clauses: readonly { readonly patterns: readonly Word[]; readonly body: Script }[]
      readonly redirects: readonly Redirect[]
    }
  | { readonly is: 'function'; readonly name: string; readonly body: Node }
  | { readonly is: 'test'; readonly words: readonly Word[]; readonly redirects: readonly Redirect[] }
  | { readonly is: 'arithmetic'; readonly text: Word; readonly redirects: readonly Redirect[] }

export interface Pipeline {
  readonly negated: boolean
  readonly commands: readonly Node[]
}

export interface Item {
  /** Joined by && and ||, left to right; the first has no operator. */
  readonly pipelines: readonly { readonly after: '' | '&&' | '||'; readonly pipeline: Pipeline }[]
  readonly background: boolean
  /** As it was typed, for `jobs`. */
  readonly text: string
}

export type Script = readonly Item[]

export type Parsed =
  | { readonly script: Script }
  /** More lines are needed: an open quote, a loop without `done`, a here-document without its end. */
  | { readonly incomplete: true }
  | { readonly error: string }
