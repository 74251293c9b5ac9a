/**
 * Chance, as the recording had it. Draws name their purpose, so a replayer can answer each with what the real die said:
 * the letters of a generated name, a uid, which of several equal Pods had to go.
 */
import type { KubeObject } from '../../../engine/api/object.ts'
import type { EndpointSlice } from '../../../engine/kinds/discovery/endpointslice/endpointslice.ts'
import { type Draw, draw } from '../../../engine/std/draw.ts'
import type { Line } from './recording.ts'

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
const UID_PARTS: readonly (readonly [start: number, end: number])[] = [
  [0, 8],
  [9, 13],
  [15, 18],
  [20, 23],
  [24, 30],
  [30, 36],
]

const inside = (index: number, of: number): number => (index + 0.5) / of

/** The draws that give a new object the name and the uid that it was recorded with. */
export const drawsOf =
  ({ metadata }: KubeObject): Draw =>
  (what, ordinal) => {
    if (what === 'suffix') return inside(LETTERS.indexOf(metadata.name.at(Number(ordinal) - 5) ?? ''), LETTERS.length)
    if (what !== 'uid') return 0.5
    if (ordinal === 9) return inside(Number.parseInt(metadata.uid.charAt(19), 16) - 8, 4)
    const [from, to] = UID_PARTS[Number(ordinal)]!
    const digits = metadata.uid.slice(from, to)
    return inside(Number.parseInt(digits, 16), 16 ** digits.length)
  }

/** In which order endpoints came into slices, which take them out of a set. */
function endpointOrder(lines: readonly Line[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const line of lines)
    if (line.is === 'write' && line.resource === 'endpointslices.discovery.k8s.io')
      for (const { targetRef } of (line.last as EndpointSlice).endpoints ?? [])
        if (targetRef && !places.has(targetRef.uid)) places.set(targetRef.uid, places.size)
  return places
}

/** In which order nodes got the taint that drives Pods away. */
function zoneOrder(lines: readonly Line[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const line of lines)
    if (line.is === 'write' && line.call.startsWith('patch nodes') && JSON.stringify(line.last).includes('NoExecute'))
      if (!places.has(line.last.metadata.uid)) places.set(line.last.metadata.uid, places.size)
  return places
}

/** The draws to try: the recorded order, and others for where chance decides which Pods go. */
export interface Die {
  readonly recorded: Draw
  /** Orders in which those that are deleted after line `index` stood in front, as many as one likes. */
  readonly others: (index: number) => readonly Draw[]
}

const FRONTS = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20]

/** In which order those in front stood, and those behind: by uid, which often decides, or any. */
const SHUFFLES: readonly ((uid: string) => number)[] = [
  (uid) => Number.parseInt(uid.slice(0, 8), 16) / 0x100000000,
  ...[1, 2, 3, 4, 5, 6].map((seed) => (uid: string) => draw(seed, 'victim', uid)),
]

/** Equal Pods fall at random: in a real cluster by the order in which a map happened to be listed. */
export function dieOf(lines: readonly Line[]): Die {
  const order = new Map<string, number>()
  const deletions: { readonly line: number; readonly uid: string }[] = []
  lines.forEach((line, index) => {
    if (line.is !== 'write' || !line.call.startsWith('delete pods') || order.has(line.last.metadata.uid)) return
    order.set(line.last.metadata.uid, order.size)
    deletions.push({ line: index, uid: line.last.metadata.uid })
  })
  const places = endpointOrder(lines)
  const zones = zoneOrder(lines)
  const recorded: Draw = (what, uid) => {
    if (what === 'zone') return inside(zones.get(String(uid)) ?? zones.size, zones.size + 1)
    if (what === 'endpoint') return inside(places.get(String(uid)) ?? places.size, places.size + 1)
    return what === 'victim' ? inside(order.get(String(uid)) ?? order.size, order.size + 1) : 0.5
  }
  const others = (index: number): readonly Draw[] => {
    const next = deletions.filter(({ line }) => line >= index).map(({ uid }) => uid)
    return FRONTS.filter((count) => count <= next.length).flatMap((count) => {
      const front = new Set(next.slice(0, count))
      return SHUFFLES.map(
        (shuffle): Draw =>
          (what, uid = '') => {
            if (what !== 'victim') return recorded(what, uid)
            return (shuffle(String(uid)) + (front.has(String(uid)) ? 0 : 1)) / 2
          },
      )
    })
  }
  return { recorded, others }
}
