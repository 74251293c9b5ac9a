/** A process that was not a container's first has ended: whoever wanted it to run hears how. */
import type { Process } from '../runtime/process.ts'
import { textOf } from '../runtime/process.ts'
import { containerById } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { onHookFinished } from './hooks.ts'
import { type PodRecord, withEntry } from './pod-record.ts'
import { onProbeProcessEnded } from './probes.ts'

export function processFinished(turn: Turn, record: PodRecord, instance: Process): PodRecord {
  const { purpose } = instance
  const code = instance.exiting ?? 0
  if (purpose.is === 'session') return record
  const buried = { ...record, processes: withEntry(record.processes, instance.id, undefined) }
  const container = containerById(buried.runtime, instance.container)
  if (!container) return buried
  const output = textOf(instance.output)
  if (purpose.is === 'probe') return onProbeProcessEnded(turn, buried, container, instance, code, output)
  if (purpose.is === 'main') return buried
  const problem = code === 0 ? undefined : `command '${instance.argv.join(' ')}' exited with ${code}: ${output}`
  return onHookFinished(turn, buried, container, purpose.hook, problem)
}
