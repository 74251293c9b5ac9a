/**
 * A script for the terminal: lines to type, `+30s` to let time pass, `^C` and `^D` to press, `#` to remark on something. A transcript is
 * a script too: where lines begin with `$ `, those are typed and what was printed between them is passed over, so a transcript played
 * again gives the transcript of today.
 */
import { parseDuration } from '../../engine/std/duration.ts'
import type { Millis } from '../../engine/std/time.ts'

export type ScriptStep =
  | { readonly do: 'type'; readonly line: string }
  | { readonly do: 'wait'; readonly time: Millis; readonly text: string }
  | { readonly do: 'press'; readonly press: 'interrupt' | 'endOfInput'; readonly text: string }
  | { readonly do: 'remark'; readonly text: string }

const PRESSES: Readonly<Record<string, 'interrupt' | 'endOfInput'>> = { '^C': 'interrupt', '^D': 'endOfInput' }

const TYPED = /^(?:\$|>) ?(.*)$/s

function specialStep(line: string): ScriptStep | undefined {
  const text = line.trim()
  const press = PRESSES[text]
  if (press) return { do: 'press', press, text }
  const time = /^\+\S+$/.test(text) ? parseDuration(text.slice(1)) : undefined
  if (typeof time === 'number') return { do: 'wait', time, text }
  return text === '' || text.startsWith('#') ? { do: 'remark', text } : undefined
}

export function readScript(text: string): readonly ScriptStep[] {
  const lines = text.replace(/\n$/, '').split(/\r?\n/)
  const isTranscript = lines.some((line) => line.startsWith('$ '))
  return lines.flatMap((line): readonly ScriptStep[] => {
    const special = specialStep(line)
    if (special) return [special]
    if (!isTranscript) return [{ do: 'type', line }]
    const typed = TYPED.exec(line)?.[1]
    return typed === undefined ? [] : [{ do: 'type', line: typed }]
  })
}

/** Whether the next thing to happen, time aside, is a key that ends what runs. */
export function endsByKey(steps: readonly ScriptStep[], after: number): boolean {
  const next = steps.slice(after + 1).find((step) => step.do !== 'wait' && step.do !== 'remark')
  return next?.do === 'press'
}
