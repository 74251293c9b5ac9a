/**
 * A person at the terminal: lines are edited here, with a history and completion, and the cluster lives in real time behind them.
 *
 * Left out: the size of the window; programs that want each key.
 */
import { createInterface, type Interface } from 'node:readline'
import { promptOf, terminalOf } from '../../engine/cluster/person.ts'
import { act } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { complete } from '../../lessons/site/worker/complete.ts'
import type { LiveWorld } from '../live-world.ts'
import { isQuiet, lastCode, printedReader, TERMINAL } from './printed.ts'

const LEAVE = /^\s*(?:exit|logout)(?:\s+(\d+))?\s*$/

type Person = Parameters<typeof act>[1]

/** Resolves with the code that the person leaves with. */
export function sitDown(live: LiveWorld): Promise<number> {
  const { stdin, stdout, stderr } = process
  const reader = printedReader(live.now())
  let history: string[] = []
  let editor: Interface | undefined
  let isPrompting = false

  const happen = (fact: Person) => live.change((world: World) => [act(world, fact), undefined])
  const enter = (line: string) => happen({ type: 'line/entered', terminal: TERMINAL, line })
  const press = (which: 'interrupt' | 'endOfInput') => happen({ type: 'key/pressed', terminal: TERMINAL, press: which })

  function show(): void {
    const world = live.now()
    const pieces = reader.take(world)
    if (pieces.length > 0 && isPrompting) stdout.write('\r\u001b[K')
    for (const { stream, text } of pieces) (stream === 'stderr' ? stderr : stdout).write(text)
    if (pieces.length > 0) isPrompting = false
    if (isQuiet(world) && !isPrompting) prompt(world)
  }

  function prompt(world: World): void {
    isPrompting = true
    editor?.setPrompt(promptOf(terminalOf(world, TERMINAL)))
    editor?.prompt(true)
  }

  const completer = (line: string): [string[], string] => {
    const { from, words, open } = complete(live.now(), line)
    return [words.map((word) => (words.length === 1 && !open ? `${word} ` : word)), line.slice(from)]
  }

  return new Promise((resolve) => {
    const leave = live.listen(show)
    function finish(code: number): void {
      leave()
      editor?.close()
      resolve(code)
    }

    function onLine(line: string): void {
      isPrompting = false
      const left = isQuiet(live.now()) ? LEAVE.exec(line) : null
      if (left) return finish(Number(left[1] ?? lastCode(live.now())))
      enter(line)
      editor?.setPrompt('')
      show()
    }

    /** Ctrl-D ends what a program reads; where none runs, it ends the sitting. */
    function onClose(closed: Interface): void {
      if (closed !== editor) return
      editor = undefined
      if (isQuiet(live.now())) {
        stdout.write('\n')
        return finish(lastCode(live.now()))
      }
      open()
      press('endOfInput')
    }

    function open(): void {
      const opened = createInterface({
        input: stdin,
        output: stdout,
        completer,
        history,
        prompt: '',
        historySize: 1000,
      })
      editor = opened
      opened.on('line', onLine)
      opened.on('history', (lines) => {
        history = lines
      })
      opened.on('SIGINT', () => {
        stdout.write('^C\n')
        opened.write(null, { ctrl: true, name: 'u' })
        isPrompting = false
        press('interrupt')
        show()
      })
      opened.on('close', () => onClose(opened))
    }

    open()
    show()
  })
}
