/**
 * Whether a version that we wrote is the one that was recorded. Everything must be equal but what the recorder left out and times,
 * which may differ by the slack of a busy machine; of times before the recording began only that they were is known.
 */
import { complete } from '../../../engine/api/complete.ts'
import type { KubeObject } from '../../../engine/api/object.ts'
import { kindOfObject } from '../../../engine/api/schema-table.ts'
import { EPOCH, parseUnix } from '../../../engine/std/time.ts'

/** Reactions that take milliseconds on an idle machine took up to a second on the recorder's. */
const SLACK = 2000

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function sameText(a: string, b: string): boolean {
  if (a === b) return true
  const [first, second] = [parseUnix(a), parseUnix(b)]
  if (first === undefined || second === undefined) return false
  return Math.abs(first - second) <= SLACK || (first < EPOCH && second < EPOCH)
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

const TOKEN = 'kube-api-access-'

const isNamed = (value: unknown): value is { readonly name: string } =>
  isRecord(value) && typeof value.name === 'string'

const withoutToken = (list: unknown): readonly unknown[] | undefined => {
  const left = Array.isArray(list) ? list.filter((item) => !isNamed(item) || !item.name.startsWith(TOKEN)) : []
  return left.length > 0 ? left : undefined
}

/** The map without a list's entries for the volume of the ServiceAccount's token. */
function withoutTokenIn(map: Readonly<Record<string, unknown>>, field: string): Readonly<Record<string, unknown>> {
  const { [field]: list, ...others } = map
  const left = withoutToken(list)
  return left ? { ...others, [field]: left } : others
}

function withoutMounts(container: unknown): unknown {
  return isRecord(container) ? withoutTokenIn(container, 'volumeMounts') : container
}

function podWithoutToken(pod: Readonly<Record<string, unknown>>): unknown {
  const spec = withoutTokenIn(pod.spec as Readonly<Record<string, unknown>>, 'volumes')
  const { containers, initContainers } = spec as Readonly<Record<string, readonly unknown[] | undefined>>
  return {
    ...pod,
    spec: {
      ...spec,
      ...(containers && { containers: containers.map(withoutMounts) }),
      ...(initContainers && { initContainers: initContainers.map(withoutMounts) }),
    },
  }
}

/** What the recorder leaves out: of every object its owners of fields and its version, of Pods the token's volume. */
function withoutUnrecorded(object: KubeObject): unknown {
  const { managedFields: _, resourceVersion: __, ...metadata } = object.metadata
  const recorded = { ...object, metadata }
  return object.kind === 'Pod' ? podWithoutToken(recorded) : recorded
}

/** What is always written, however empty, was left out of recorded Nodes. */
function completed(object: KubeObject): KubeObject {
  const served = kindOfObject(object.apiVersion, object.kind)
  return served ? complete(object, undefined, served.type) : object
}

export const versionDifference = (ours: KubeObject, recorded: KubeObject): string | undefined =>
  difference(withoutUnrecorded(completed(ours)), withoutUnrecorded(completed(recorded)), '')
