/**
 * Replays the lives of pods as real kubelets ran them: every version of a pod's status in order, the Events with their
 * texts, what the containers logged.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventsDiffer, livesDiffer, normalOutput, normalText, Symbols } from './node/compare.ts'
import { play } from './node/play.ts'
import { type Run, type Scenario, wholeVersions } from './node/recording.ts'
import type { Replay, ReplayedItem } from './replay.ts'

/** The order of `env` is that of a hash table in upstream, and changes from run to run. */
const unordered = (scenario: Scenario, container: string): boolean =>
  JSON.stringify(scenario.scenario).includes(`"name":"${container}","image":"busybox:1.36","command":["env"]`)

const lines = (text: string): string => text.split('\n').sort().join('\n')

/** Options of resolv.conf are a hash table too. */
const optionsSorted = (text: string): string =>
  text.replace(/^options (.*)$/gm, (_line, options: string) => `options ${options.split(' ').sort().join(' ')}`)

function logsDiffer(
  scenario: Scenario,
  run: Run,
  ours: Readonly<Record<string, string>>,
  symbols: Symbols,
): string | undefined {
  const theirs = run.logs ?? {}
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    const plain = (text: string) =>
      normalOutput(optionsSorted(unordered(scenario, key.split(' ')[1]!) ? lines(text) : text))
    const a = plain(ours[key] ?? '')
    const b = plain(theirs[key] ?? '')
    if (!symbols.agree(a, b) || a.replace(/<\w+-\d+>/g, '') !== b.replace(/<\w+-\d+>/g, ''))
      return `log ${key}: ${JSON.stringify(a)} should be ${JSON.stringify(b)}`
  }
  return undefined
}

function runDiffers(scenario: Scenario, run: Run): string | undefined {
  const played = play(scenario, run)
  if (played.undriven) return `not driven: ${played.undriven}`
  const symbols = new Symbols()
  for (const [name, versions] of Object.entries(run.pods)) {
    const difference = livesDiffer(played.pods.get(name) ?? [], wholeVersions(versions), symbols)
    if (difference) return `${name} ${difference}`
  }
  const events = eventsDiffer(
    played.events,
    run.events,
    scenario.runs.map((other) => other.events),
  )
  return events ?? played.stepDifference ?? logsDiffer(scenario, run, played.logs, new Symbols())
}

/** Agrees as a whole with one of the recorded runs, each of which began from its own state. */
function replayed(scenario: Scenario): ReplayedItem {
  const differences: string[] = []
  for (const run of scenario.runs) {
    const difference = runDiffers(scenario, run)
    if (difference === undefined) return { id: scenario.id, area: 'lifecycle', agrees: true }
    differences.push(difference)
  }
  return { id: scenario.id, area: 'lifecycle', agrees: false, difference: normalText(differences.join(' | ')) }
}

export const replayNode: Replay = function* (directory) {
  const folder = join(directory, 'lifecycle')
  for (const name of readdirSync(folder).sort())
    if (name.endsWith('.json')) yield replayed(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Scenario)
}
