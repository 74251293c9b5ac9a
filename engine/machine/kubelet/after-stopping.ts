/** When the last of the containers that were asked to go is gone, the worker goes on with what it wanted that for. */
import type { Turn } from '../turn.ts'
import { stopSandbox } from './end-pod.ts'
import type { PodRecord } from './pod-record.ts'
import { failed, startNext } from './start-containers.ts'
import { signalWaiting } from './stop-container.ts'

const isStopping = (record: PodRecord): boolean => {
  for (const _id in record.stopping) return true
  return false
}

export function goOnAfterStopping(turn: Turn, record: PodRecord): PodRecord {
  const signalled = signalWaiting(turn, record)
  if (isStopping(signalled)) return signalled
  const { step } = signalled.worker
  if (step?.is === 'starting' && step.failing) return failed(turn, signalled, step.failing)
  if (step?.is === 'killing') return startNext(turn, signalled, step.start, [])
  return step?.is === 'ending' ? stopSandbox(turn, signalled) : signalled
}
