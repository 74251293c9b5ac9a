/**
 * The terminal on the page. What programs print comes from the world; the line that is being typed is drawn here, below it, and belongs to
 * the page until Enter hands it over.
 */
import { FitAddon } from '@xterm/addon-fit'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import '@xterm/xterm/css/xterm.css'
import { type ILink, type ITheme, Terminal } from '@xterm/xterm'
import type { Completed, Piece } from '../worker/messages.ts'
import { endOf } from './cell-width.ts'
import { typedBy } from './keys.ts'
import {
  commonBeginning,
  entered,
  type Line,
  newLine,
  pressed,
  replaceFrom,
  searchPrompt,
  typed,
} from './line-editor.ts'

/** What a terminal asks of the page around it. */
export interface TerminalHost {
  /** False when the lines cannot be taken now. */
  readonly enter: (lines: readonly string[]) => boolean
  readonly press: (press: 'interrupt' | 'endOfInput') => void
  readonly complete: (line: string) => Promise<Completed>
  /** Whether a word is the name of something on the map. */
  readonly knows: (word: string) => boolean
  readonly choose: (word: string) => void
  readonly typedBefore: readonly string[]
  readonly label: string
}

export interface TerminalScreen {
  readonly print: (pieces: readonly Piece[], anew: boolean) => void
  readonly setPrompt: (prompt: string) => void
  /** Puts a command at the prompt, ready to be run. */
  readonly propose: (command: string) => void
  /** A key of the touch keyboard. */
  readonly key: (data: string) => void
  readonly focus: () => void
  readonly fit: () => void
  readonly setDark: (dark: boolean) => void
  readonly text: () => string
  readonly dispose: () => void
}

const DARK: ITheme = {
  background: '#10151c',
  foreground: '#d5dde6',
  cursor: '#5cc8b0',
  cursorAccent: '#10151c',
  selectionBackground: '#2c4a5c',
  red: '#ff8f7d',
  green: '#6fd3a8',
  yellow: '#e8c574',
  blue: '#86b8f0',
  magenta: '#cfa6f0',
  cyan: '#6fd0d8',
  brightBlack: '#8a97a5',
  scrollbarSliderBackground: '#8a97a533',
  scrollbarSliderHoverBackground: '#8a97a566',
}

const LIGHT: ITheme = {
  background: '#fbfaf6',
  foreground: '#26303a',
  cursor: '#0b7a66',
  cursorAccent: '#fbfaf6',
  selectionBackground: '#cfe4e0',
  black: '#26303a',
  red: '#b3321c',
  green: '#0b7350',
  yellow: '#8a5a00',
  blue: '#1d5fa8',
  magenta: '#7a3fa0',
  cyan: '#0b6c78',
  white: '#56616c',
  brightBlack: '#5d6873',
  brightWhite: '#26303a',
  scrollbarSliderBackground: '#5d687333',
  scrollbarSliderHoverBackground: '#5d687366',
}

const CLEAR_BELOW = '\x1b[J'
const WIPE = '\x1b[2J\x1b[3J\x1b[H'
const BRACKETED_PASTE = '\x1b[?2004h'
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are controlled by them
const MOVES = /\x1b\[[\d;]*[HJ]/g
const PROMPT = /^((?:\S*[$#]|>) )(.*)$/s

/** `\n` as a terminal wants it. */
const lines = (text: string): string => text.replaceAll('\n', '\r\n')

/** In a colour, line by line, so that what follows the last line break is plain. */
const styled = (style: string, text: string): string =>
  text.replace(/[^\n]+/g, (line) => `\x1b[${style}m${line}\x1b[0m`)

function coloured({ stream, text }: Piece): string {
  if (stream === 'stderr') return lines(styled('31', text))
  if (stream === 'stdout') return lines(text)
  const [, prompt = '', rest = text] = PROMPT.exec(text) ?? []
  return styled('32', prompt) + lines(styled('1', rest))
}

/** Behind the last sequence that moves the cursor or wipes the screen: what comes before is no text of a line. */
function afterControl(text: string): number {
  const last = [...text.matchAll(MOVES)].at(-1)
  return last ? last.index + last[0].length : 0
}

/** Words in columns, as a shell lists what it could complete. */
export function listing(words: readonly string[], columns: number): string {
  const width = Math.max(...words.map((word) => word.length)) + 2
  const perRow = Math.max(1, Math.floor(columns / width))
  const rows = Math.ceil(words.length / perRow)
  const row = (at: number) =>
    words
      .filter((_word, index) => index % rows === at)
      .map((word) => word.padEnd(width))
      .join('')
      .trimEnd()
  return Array.from({ length: rows }, (_none, at) => `${row(at)}\n`).join('')
}

const WORD = /[a-z0-9][a-z0-9.-]*[a-z0-9]/g

function newTerminal(): Terminal {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: !calm,
    cursorStyle: 'bar',
    fontFamily: 'ui-monospace, "SFMono-Regular", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: 12.5,
    lineHeight: 1.25,
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    scrollback: 5000,
    macOptionIsMeta: true,
  })
  terminal.loadAddon(new Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  terminal.loadAddon(new WebLinksAddon())
  return terminal
}

/** Escape, then Tab, leaves the terminal; so does Shift+Tab. */
function letFocusOut(terminal: Terminal): void {
  let escaped = false
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true
    const leaves = event.key === 'Tab' && (escaped || event.shiftKey)
    escaped = event.key === 'Escape' || (escaped && event.key === 'Shift')
    if (leaves) return false
    return !((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'c' && terminal.hasSelection())
  })
}

/** Names of things on the map can be clicked. */
function linkNames(terminal: Terminal, host: TerminalHost): void {
  const linkAt = (row: number, match: RegExpMatchArray): ILink => {
    const start = match.index! + 1
    return {
      text: match[0],
      range: { start: { x: start, y: row }, end: { x: start + match[0].length - 1, y: row } },
      activate: (_event, word) => host.choose(word),
    }
  }
  terminal.registerLinkProvider({
    provideLinks: (row, callback) => {
      const text = terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? ''
      const found = [...text.matchAll(WORD)].filter(([word]) => host.knows(word))
      callback(found.map((match) => linkAt(row, match)))
    },
  })
}

export function openTerminal(element: HTMLElement, host: TerminalHost): TerminalScreen {
  const terminal = newTerminal()
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(element)
  terminal.textarea?.setAttribute('aria-label', host.label)
  letFocusOut(terminal)
  linkNames(terminal, host)
  terminal.write(BRACKETED_PASTE)

  let line: Line = newLine(host.typedBefore)
  let prompt = ''
  /** The last line that was printed, when it did not end: what is typed goes behind it. */
  let openText = ''
  /** Rows above the cursor that belong to the prompt and the line. */
  let rowsAbove = 0
  let tabs = 0

  const erase = (): string => `${rowsAbove > 0 ? `\x1b[${rowsAbove}A` : ''}\r${CLEAR_BELOW}`

  const leader = (): string => searchPrompt(line) ?? prompt

  /** The prompt and the line, with the cursor where it belongs. */
  function drawn(): string {
    const before = openText + leader()
    const whole = endOf(before + line.text, terminal.cols)
    const cursor = endOf(before + line.text.slice(0, line.cursor), terminal.cols)
    rowsAbove = cursor.row
    const wraps = whole.column === 0 && whole.row > 0 && !line.text.endsWith('\n')
    const up = whole.row - cursor.row
    const back = `${up > 0 ? `\x1b[${up}A` : ''}\r${cursor.column > 0 ? `\x1b[${cursor.column}C` : ''}`
    return `${openText}\x1b[32m${leader()}\x1b[0m${lines(line.text)}${wraps ? '\r\n' : ''}${back}`
  }

  function redraw(): void {
    const start = erase()
    terminal.write(start + drawn())
  }

  function submit(): void {
    if (host.enter(line.text.split('\n'))) line = entered(line)
  }

  async function completeWord(again: boolean): Promise<void> {
    const before = line.text.slice(0, line.cursor)
    const { from, words, open } = await host.complete(before)
    if (line.text.slice(0, line.cursor) !== before || words.length === 0) return
    const common = commonBeginning(words)
    const alone = words.length === 1
    if (common.length > before.length - from || alone)
      line = replaceFrom(line, from, common + (alone && !open ? ' ' : ''))
    else if (again) {
      terminal.write(`\r\n${lines(listing(words, terminal.cols))}`)
      rowsAbove = 0
    }
    redraw()
  }

  const CONTROL: Readonly<Record<string, () => void>> = {
    enter: submit,
    'ctrl-j': submit,
    'ctrl-c': () => {
      line = newLine(line.before)
      host.press('interrupt')
    },
    'ctrl-l': () => {
      rowsAbove = 0
      terminal.write(WIPE + drawn())
    },
    tab: () => void completeWord(tabs > 1),
  }

  function onKey(key: string): void {
    tabs = key === 'tab' ? tabs + 1 : 0
    const control = CONTROL[key]
    if (key === 'ctrl-d' && line.text === '') host.press('endOfInput')
    else if (control) control()
    else {
      line = pressed(line, key)
      redraw()
    }
  }

  function onText(text: string): void {
    tabs = 0
    line = typed(line, text)
    redraw()
  }

  function onData(data: string): void {
    const what = typedBy(data)
    if ('key' in what) onKey(what.key)
    else onText(what.text)
  }

  terminal.onData(onData)
  terminal.onResize(() => redraw())

  function print(pieces: readonly Piece[], anew: boolean): void {
    const start = anew ? WIPE : erase()
    if (anew) openText = ''
    rowsAbove = 0
    const text = openText + pieces.map(coloured).join('')
    const end = Math.max(text.lastIndexOf('\n') + 1, afterControl(text))
    openText = text.slice(end)
    terminal.write(start + text.slice(0, end) + drawn())
  }

  function setPrompt(next: string): void {
    if (next === prompt) return
    const start = erase()
    prompt = next
    terminal.write(start + drawn())
  }

  function propose(command: string): void {
    line = { ...newLine(line.before), text: command, cursor: command.length }
    redraw()
    terminal.scrollToBottom()
  }

  const watcher = new ResizeObserver(() => fit.fit())
  watcher.observe(element)
  fit.fit()

  return {
    print,
    setPrompt,
    propose,
    key: onData,
    focus: () => terminal.focus(),
    fit: () => fit.fit(),
    setDark: (dark) => {
      terminal.options.theme = dark ? DARK : LIGHT
    },
    text: () => {
      const buffer = terminal.buffer.active
      return Array.from(
        { length: buffer.length },
        (_none, at) => buffer.getLine(at)?.translateToString(true) ?? '',
      ).join('\n')
    },
    dispose: () => {
      watcher.disconnect()
      terminal.dispose()
    },
  }
}
