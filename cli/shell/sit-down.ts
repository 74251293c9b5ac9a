/**
 * A person at the terminal: lines are edited here, with a history and completion, and the cluster lives in real time behind them.
 *
 * Left out: the size of the window; programs that want each key.
 */
import { createInterface, type Interface } from 'node:readline'
import type { Fact } from '../../engine/cluster/fact.ts'
import { promptOf, terminalOf } from '../../engine/cluster/person.ts'
import { act } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { complete } from '../../lessons/site/worker/complete.ts'
import type { LiveWorld } from '../live-world.ts'
import { isQuiet, lastCode, printedReader, type Reader, TERMINAL } from './printed.ts'

/** What goes on between the person and the cluster. */
interface Sitting {
  readonly live: LiveWorld
  readonly reader: Reader
  /** Ends it, with a code. */
  readonly leave: (code: number) => void
  editor: Interface | undefined
  history: string[]
  isPrompting: boolean
}

const happen = ({ live }: Sitting, fact: Fact): void => live.change((world: World) => [act(world, fact), undefined])

const press = (sitting: Sitting, which: 'interrupt' | 'endOfInput'): void =>
  happen(sitting, { type: 'key/pressed', terminal: TERMINAL, press: which })

function prompt({ editor }: Sitting, world: World): void {
  editor?.setPrompt(promptOf(terminalOf(world, TERMINAL)))
  editor?.prompt(true)
}

const CLEAR_LINE = '\r\u001b[K'

/** Prints what is new above the line that is being edited, and prompts when nothing runs. */
function show(sitting: Sitting): void {
  const world = sitting.live.now()
  const pieces = sitting.reader.take(world)
  if (pieces.length > 0 && sitting.isPrompting) process.stdout.write(CLEAR_LINE)
  for (const { stream, text } of pieces) (stream === 'stderr' ? process.stderr : process.stdout).write(text)
  if (pieces.length > 0) sitting.isPrompting = false
  if (!isQuiet(world) || sitting.isPrompting) return
  sitting.isPrompting = true
  prompt(sitting, world)
}

const LEAVE = /^\s*(?:exit|logout)(?:\s+(\d+))?\s*$/

function onLine(sitting: Sitting, line: string): void {
  const world = sitting.live.now()
  const left = isQuiet(world) ? LEAVE.exec(line) : null
  if (left) return sitting.leave(Number(left[1] ?? lastCode(world)))
  sitting.isPrompting = false
  sitting.editor?.setPrompt('')
  happen(sitting, { type: 'line/entered', terminal: TERMINAL, line })
  show(sitting)
}

/** Ctrl-D ends what a program reads; where none runs, it ends the sitting. */
function onClose(sitting: Sitting, closed: Interface): void {
  if (closed !== sitting.editor) return
  const world = sitting.live.now()
  if (isQuiet(world)) {
    process.stdout.write('\n')
    return sitting.leave(lastCode(world))
  }
  openEditor(sitting)
  press(sitting, 'endOfInput')
}

function onInterrupt(sitting: Sitting): void {
  process.stdout.write('^C\n')
  sitting.editor?.write(null, { ctrl: true, name: 'u' })
  sitting.isPrompting = false
  press(sitting, 'interrupt')
  show(sitting)
}

const completions =
  ({ live }: Sitting) =>
  (line: string): [string[], string] => {
    const { from, words, open } = complete(live.now(), line)
    return [words.map((word) => (words.length === 1 && !open ? `${word} ` : word)), line.slice(from)]
  }

const MOST_REMEMBERED = 1000

function openEditor(sitting: Sitting): void {
  const { stdin: input, stdout: output } = process
  const { history } = sitting
  const completer = completions(sitting)
  const editor = createInterface({ input, output, completer, history, prompt: '', historySize: MOST_REMEMBERED })
  sitting.editor = editor
  editor.on('line', (line) => onLine(sitting, line))
  editor.on('history', (lines) => {
    sitting.history = lines
  })
  editor.on('SIGINT', () => onInterrupt(sitting))
  editor.on('close', () => onClose(sitting, editor))
}

/** Resolves with the code that the person leaves with. */
export function sitDown(live: LiveWorld): Promise<number> {
  return new Promise((resolve) => {
    const leave = (code: number): void => {
      stopListening()
      const { editor } = sitting
      sitting.editor = undefined
      editor?.close()
      resolve(code)
    }
    const reader = printedReader(live.now())
    const sitting: Sitting = { live, reader, leave, editor: undefined, history: [], isPrompting: false }
    const stopListening = live.listen(() => show(sitting))
    openEditor(sitting)
    show(sitting)
  })
}
