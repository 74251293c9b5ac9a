/**
 * Clusters that have a name, so that a link, a command line or a lesson can ask for one: each with its machines ready and a home
 * directory with something in it to begin with. The same name and the same seed give the same world.
 */
import { type Millis, minutes } from '../../std/time.ts'
import { settle } from '../run.ts'
import type { World } from '../world.ts'
import { newCluster, nodes } from './cluster.ts'
import { GUESTBOOK, HELLO, WEB } from './home-files.ts'

export interface Preset {
  readonly nodes: number
  /** Below the home directory. */
  readonly files: Readonly<Record<string, string>>
}

/** What lies in everyone's home directory. */
export const HOME_FILES: Readonly<Record<string, string>> = {
  'guestbook.yaml': GUESTBOOK,
  'hello.yaml': HELLO,
  'web.yaml': WEB,
}

export const PRESETS: Readonly<Record<string, Preset>> = {
  'one-node': { nodes: 1, files: HOME_FILES },
  'two-nodes': { nodes: 2, files: HOME_FILES },
  'three-nodes': { nodes: 3, files: HOME_FILES },
  'six-nodes': { nodes: 6, files: HOME_FILES },
}

/** As `kubefold` and the page begin when nothing else is said. */
export const DEFAULT_PRESET = 'three-nodes'

/** The world a preset begins with, at `now` or when all worlds begin; undefined when there is none of that name. */
export function presetWorld(name: string, seed: number, now: Millis = 0): World | undefined {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined
  if (!preset) return undefined
  return settle(newCluster({ seed, machines: nodes(preset.nodes), files: preset.files, now }), now + minutes(5))
}
