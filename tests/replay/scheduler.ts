/**
 * The recordings of the real scheduler: what it decided about each Pod, score by score and word by word.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Configuration } from '../../engine/scheduler/configuration.ts'
import type { Replay, ReplayedItem } from './replay.ts'
import { type RecordedCase, replayCase } from './scheduler/cases.ts'
import { type RecordedScenario, replayScenario } from './scheduler/queue.ts'

const linesOf = (path: string): readonly unknown[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

const KNOWN = new URL('./scheduler/testdata/configs.json', import.meta.url)

/** Recordings name configurations that may lie beside them; those of the recorder are known. */
function configurationOf(directory: string, name: string): Configuration {
  const path = join(directory, 'configs', `${name}.json`)
  const known = existsSync(path) ? undefined : JSON.parse(readFileSync(KNOWN, 'utf8'))
  if (known && !(name in known)) throw new Error(`no configuration ${name}`)
  return known ? known[name] : JSON.parse(readFileSync(path, 'utf8'))
}

function safely(id: string, area: string, replayed: () => ReplayedItem): ReplayedItem {
  try {
    return replayed()
  } catch (error) {
    return {
      id,
      area,
      agrees: false,
      difference: `threw: ${(error as Error).stack?.split('\n').slice(0, 3).join(' ')}`,
    }
  }
}

export const replayScheduler: Replay = function* (directory) {
  for (const file of readdirSync(directory).sort()) {
    if (!file.startsWith('cases-')) continue
    for (const recorded of linesOf(join(directory, file)) as readonly RecordedCase[])
      yield safely(recorded.id, recorded.family, () =>
        replayCase(recorded, configurationOf(directory, recorded.config)),
      )
  }
  for (const area of ['queue', 'queue-slow']) {
    if (!existsSync(join(directory, `${area}.jsonl`))) continue
    for (const recorded of linesOf(join(directory, `${area}.jsonl`)) as readonly RecordedScenario[])
      yield safely(recorded.id, area, () => replayScenario(recorded, configurationOf(directory, recorded.config), area))
  }
  yield* notReplayed(
    directory,
    'lifecycle',
    'the taints that the node lifecycle controller sets are part of what was recorded',
  )
}

function* notReplayed(directory: string, area: string, difference: string): Iterable<ReplayedItem> {
  const path = join(directory, `${area}.jsonl`)
  if (!existsSync(path)) return
  for (const { id } of linesOf(path) as readonly RecordedScenario[]) yield { id, area, agrees: false, difference }
}
