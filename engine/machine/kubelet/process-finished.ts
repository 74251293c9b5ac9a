/** A process that was not a container's first has ended: whoever wanted it to run hears how. */
import type { Process } from '../runtime/process.ts'
import { textOf } from '../runtime/process.ts'
import { containerById } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { onHookFinished } from './hooks.ts'
import { type PodRecord, withEntry } from './pod-record.ts'
import { onProbeProcessEnded } from './probes.ts'

export function processFinished(turn: Turn, record: PodRecord, process: Process): PodRecord {
  const { purpose } = process
  const code = process.exiting ?? 0
  if (purpose.is === 'session') return record
  const buried = { ...record, processes: withEntry(record.processes, process.id, undefined) }
  const container = containerById(buried.runtime, process.container)
  if (!container) return buried
  const output = textOf(process.output)
  if (purpose.is === 'probe') return onProbeProcessEnded(turn, buried, container, process, code, output)
  if (purpose.is === 'main') return buried
  const problem = code === 0 ? undefined : `command '${process.argv.join(' ')}' exited with ${code}: ${output}`
  return onHookFinished(turn, buried, container, purpose.hook, problem)
}
