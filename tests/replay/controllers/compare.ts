/**
 * Whether a version that we wrote is the one that was recorded. Everything must be equal but what the recorder left out and times,
 * which may differ by the slack of a busy machine.
 */
import type { KubeObject } from '../../../engine/api/object.ts'
import { parseUnix } from '../../../engine/std/time.ts'

/** Reactions that take milliseconds on an idle machine took up to a second on the recorder's. */
const SLACK = 2000

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function sameText(a: string, b: string): boolean {
  if (a === b) return true
  const [first, second] = [parseUnix(a), parseUnix(b)]
  return first !== undefined && second !== undefined && Math.abs(first - second) <= SLACK
}

function difference(ours: unknown, recorded: unknown, path: string): string | undefined {
  if (ours === recorded) return undefined
  // A recorded diff is a merge patch, in which a field that became null cannot be told from one that went.
  if (ours === null && recorded === undefined) return undefined
  if (typeof ours === 'string' && typeof recorded === 'string' && sameText(ours, recorded)) return undefined
  if (Array.isArray(ours) && Array.isArray(recorded)) return listDifference(ours, recorded, path)
  if (isRecord(ours) && isRecord(recorded)) return mapDifference(ours, recorded, path)
  return `${path}: ${JSON.stringify(ours)} instead of ${JSON.stringify(recorded)}`
}

function listDifference(ours: readonly unknown[], recorded: readonly unknown[], path: string): string | undefined {
  for (let i = 0; i < Math.max(ours.length, recorded.length); i++) {
    const found = difference(ours[i], recorded[i], `${path}[${i}]`)
    if (found) return found
  }
  return undefined
}

function mapDifference(
  ours: Readonly<Record<string, unknown>>,
  recorded: Readonly<Record<string, unknown>>,
  path: string,
): string | undefined {
  for (const name of new Set([...Object.keys(ours), ...Object.keys(recorded)])) {
    const found = difference(ours[name], recorded[name], path ? `${path}.${name}` : name)
    if (found) return found
  }
  return undefined
}

/** What the recorder leaves out of every object. */
function withoutUnrecorded(object: KubeObject): unknown {
  const { managedFields: _, resourceVersion: __, ...metadata } = object.metadata
  return { ...object, metadata }
}

export const versionDifference = (ours: KubeObject, recorded: KubeObject): string | undefined =>
  difference(withoutUnrecorded(ours), withoutUnrecorded(recorded), '')
