/**
 * The house's transcript format: what was typed, what was printed, how much time passed, what to notice. Lessons, tests and bug reports
 * are written in it, and any of them can be played again.
 *
 *     # A Pod runs.
 *     $ kubectl run web --image=nginx
 *     pod/web created
 *     +10s
 */
import { terminalOf } from '../engine/cluster/person.ts'
import { type Cluster, minutes, seconds } from '../engine/index.ts'
import { lastKey, sortedEntries } from '../engine/std/sorted.ts'

type Step =
  | { readonly is: 'note'; readonly text: string }
  | { readonly is: 'wait'; readonly text: string }
  | { readonly is: 'typed'; readonly lines: readonly string[] }

const WAIT = /^\+(\d+)([sm])$/

const isStep = (line: string): boolean => line.startsWith('$ ') || line.startsWith('# ') || WAIT.test(line)

/** What is done in a transcript; what was printed is left out, except for the empty lines before a step. */
export function readTranscript(text: string): readonly Step[] {
  const steps: Step[] = []
  const lines = text.split('\n')
  for (const [at, line] of lines.entries()) {
    const last = steps.at(-1)
    if (WAIT.test(line)) steps.push({ is: 'wait', text: line })
    else if (line.startsWith('# ')) steps.push({ is: 'note', text: line })
    else if (line.startsWith('$ ')) steps.push({ is: 'typed', lines: [line.slice(2)] })
    else if (line.startsWith('> ') && last?.is === 'typed' && /^[$>] /.test(lines[at - 1] ?? ''))
      steps[steps.length - 1] = { ...last, lines: [...last.lines, line.slice(2)] }
    else if (line === '' && isStep(lines[at + 1] ?? '')) steps.push({ is: 'note', text: '' })
  }
  return steps
}

function millisOf(text: string): number {
  const [, count, unit] = WAIT.exec(text)!
  return unit === 's' ? seconds(Number(count)) : minutes(Number(count))
}

const typedText = (lines: readonly string[]): string =>
  lines.map((line, at) => `${at === 0 ? '$' : '>'} ${line}\n`).join('')

const TERMINAL = 'main'

function play(cluster: Cluster, step: Step): string {
  if (step.is === 'note') return `${step.text}\n`
  if (step.is === 'wait') {
    cluster.advance(millisOf(step.text))
    return `${step.text}\n`
  }
  const before = lastKey(terminalOf(cluster.world(), TERMINAL).printed) ?? 0
  for (const line of step.lines) cluster.run(line)
  const printed = sortedEntries(terminalOf(cluster.world(), TERMINAL).printed, before + 1)
    .map(([, { stream, text }]) => (stream === 'typed' ? '' : text))
    .join('')
  const trimmed = printed.replace(/[ \t]+$/gm, '').trimEnd()
  return typedText(step.lines) + (trimmed === '' ? '' : `${trimmed}\n`)
}

/** The same transcript, as this cluster would have it. */
export const replayTranscript = (cluster: Cluster, text: string): string =>
  readTranscript(text)
    .map((step) => play(cluster, step))
    .join('')
