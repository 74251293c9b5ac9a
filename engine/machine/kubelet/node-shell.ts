/** What someone on the machine itself can do to a pod's processes: end them, as `kill -9` does. */
import { getSorted } from '../../std/sorted.ts'
import type { MachineFact } from '../fact.ts'
import type { Machine } from '../slice.ts'

/** The facts that end the first processes of all of a pod's running containers. */
export const killContainer = (machine: Machine, pod: string): readonly MachineFact[] =>
  (getSorted(machine.pods, pod)?.runtime.containers ?? [])
    .filter(({ state }) => state === 'running')
    .map(({ id }) => ({ type: 'process/killed', pod, container: id }))
