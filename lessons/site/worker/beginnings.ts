/** How a stage's world begins: a named cluster, or the scene of an exercise. */
import { presetWorld } from '../../../engine/cluster/presets/named.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { exerciseWorld } from './exercise.ts'

const EXERCISE = 'exercise:'

export const presetOfExercise = (exercise: string): string => EXERCISE + exercise

export const beginningOf = (preset: string, seed: number): World | undefined =>
  preset.startsWith(EXERCISE) ? exerciseWorld(preset.slice(EXERCISE.length), seed) : presetWorld(preset, seed)
