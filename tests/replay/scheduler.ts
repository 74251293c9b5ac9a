/**
 * The recordings of the real scheduler: what it decided about each Pod, score by score and word by word.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Configuration } from '../../engine/scheduler/configuration.ts'
import type { Replay, ReplayedItem } from './replay.ts'
import { type RecordedCase, replayCase } from './scheduler/cases.ts'

const linesOf = (path: string): readonly unknown[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** Held back recordings name the configurations of the given ones. */
function configurationOf(directory: string, name: string): Configuration {
  const path = join(directory, 'configs', `${name}.json`)
  if (!existsSync(path)) throw new Error(`no configuration ${name}`)
  return JSON.parse(readFileSync(path, 'utf8'))
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
}
