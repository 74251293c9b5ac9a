/** How a stage's world begins: a named cluster, or the scene of an exercise. */
import { presetWorld } from '../../../engine/cluster/presets/named.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { type Exercises, exerciseWorld } from './exercise.ts'

const EXERCISE = 'exercise:'

export const presetOfExercise = (id: string): string => EXERCISE + id

export const beginningOf = (preset: string, seed: number, exercises: Exercises): World | undefined =>
  preset.startsWith(EXERCISE)
    ? exerciseWorld(exercises, preset.slice(EXERCISE.length), seed)
    : presetWorld(preset, seed)
