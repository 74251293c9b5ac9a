/**
 * Replays what real controllers did. What users, kubelets and the scheduler wrote is given; every write of a controller that is ours must be
 * what ours writes too, version by version, with the same Events, and where the cluster was quiet ours must have nothing left to do.
 * The recording decides only what is chance in a real cluster: when news came, who was first, how a tie fell.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { handle } from '../../engine/apiserver/handle.ts'
import { controllers } from '../../engine/controllers/index.ts'
import { readRecording } from './controllers/recording.ts'
import { scenarioDifference } from './controllers/scenario.ts'
import { isCompared, missingSubjects } from './controllers/subjects.ts'
import type { Replay, ReplayedItem } from './replay.ts'

const KNOWN: ReadonlySet<string> = new Set(controllers.map(({ name, identity }) => identity ?? name))

/** The first reason why a scenario does not agree. One in which nothing of ours can be compared agrees with nothing. */
function differenceOf(path: string, area: string): string | undefined {
  const recording = readRecording(path)
  const missing = missingSubjects(area, recording.lines, KNOWN)
  if (missing.length > 0) return `not modelled: ${missing.join(', ')}`
  if (!isCompared(area, recording.lines, KNOWN)) return 'holds no write of a controller'
  return scenarioDifference(recording, controllers, handle)
}

function replayScenario(path: string, id: string): ReplayedItem {
  const area = id.split('-')[0]!
  const difference = differenceOf(path, area)
  return difference === undefined ? { id, area, agrees: true } : { id, area, agrees: false, difference }
}

/** Scenarios are files of their own; other files of the folder tell of other things. */
const IS_SCENARIO = /^(?!feature-gates)[a-z0-9-]+\.json$/

export const replayControllers: Replay = function* (directory) {
  for (const file of readdirSync(directory).sort())
    if (IS_SCENARIO.test(file)) yield replayScenario(join(directory, file), file.replace(/\.json$/, ''))
}
