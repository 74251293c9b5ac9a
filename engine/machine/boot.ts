/** A machine loses its power, and gets it back. */
import type { At } from '../std/at.ts'
import type { Machine } from './slice.ts'

/** Everything that ran is gone in an instant; nobody is told. */
export const crashMachine = (machine: Machine, at: At): Machine => ({
  ...machine,
  kubelet: { ...machine.kubelet, running: false, stoppedAt: at.now },
})

/** The machine is up again; its kubelet is about to start. */
export const bootMachine = (machine: Machine, _at: At): Machine => machine
