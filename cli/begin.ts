/** The world that a command begins with: a preset of a name, and a seed. */
import { DEFAULT_PRESET, PRESETS, presetWorld } from '../engine/cluster/presets/named.ts'
import type { World } from '../engine/cluster/world.ts'
import type { Millis } from '../engine/std/time.ts'
import { type Flag, type Given, UsageProblem } from './command.ts'

export const WORLD_FLAGS: Readonly<Record<'preset' | 'seed', Flag>> = {
  preset: {
    value: 'NAME',
    default: DEFAULT_PRESET,
    help: `The cluster to begin with: ${Object.keys(PRESETS).join(', ')}.`,
  },
  seed: { value: 'N', default: '1', help: 'The same seed and the same deeds give the same world.' },
}

export const seedOf = (given: Given): number => given.number('seed', { least: 0, most: 2 ** 32 - 1 })

export function presetNamed(given: Given): string {
  const name = given.text('preset') ?? DEFAULT_PRESET
  if (Object.hasOwn(PRESETS, name)) return name
  throw new UsageProblem(`there is no preset "${name}". There are: ${Object.keys(PRESETS).join(', ')}`)
}

export const beginWorld = (given: Given, now?: Millis): World => presetWorld(presetNamed(given), seedOf(given), now)!
