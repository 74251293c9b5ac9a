/** The worlds that runs begin in: a cluster with something running in it, and how one got there, so that a page can get there too. */
import { calmIn, sceneOf } from '../../engine/check/arbitraries.ts'
import type { Found } from '../../engine/check/search.ts'
import { beginHistory, doNow, type History, passTime, type Shared, sharedFrom } from '../../engine/cluster/history.ts'
import { presetWorld } from '../../engine/cluster/presets/named.ts'
import { type Millis, minutes } from '../../engine/std/time.ts'

export const DEPLOYMENTS: readonly string[] = ['web']

const SETTING_UP = ['kubectl apply -f web.yaml']

/** How long the application is given before anything happens to it. */
const UNDISTURBED: Millis = minutes(1)

const known = new Map<string, History>()

export function beginning(preset: string, seed: number): History {
  const name = `${preset} ${seed}`
  const found = known.get(name)
  if (found) return found
  const begun = beginHistory(preset, seed, presetWorld(preset, seed)!)
  const typed = SETTING_UP.reduce(
    (history, line) => doNow(history, { type: 'line/entered', terminal: 'main', line }),
    begun,
  )
  const made = passTime(typed, typed.world.now + UNDISTURBED)
  known.set(name, made)
  return made
}

/** A run that was found, as a link carries it: up to where the property did not hold. */
export function sharedRun(preset: string, { seed, plan, broken }: Found): Shared {
  let history = beginning(preset, seed)
  const scene = sceneOf(history.world, DEPLOYMENTS)
  const until = broken[0]?.at ?? history.world.now
  for (const { after, fact } of plan) {
    if (history.world.now + after > until) break
    history = doNow(passTime(history, history.world.now + after), fact)
  }
  const planned = plan.reduce((time, { after }) => time + after, beginning(preset, seed).world.now)
  if (planned <= until) history = calmIn(scene).reduce((reached, fact) => doNow(reached, fact), history)
  return { ...sharedFrom(history), until: Math.max(until, history.world.now) }
}
