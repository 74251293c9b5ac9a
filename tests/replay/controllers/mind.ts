/**
 * What a controller has seen, has to look at, and is in the middle of, while a recording is followed. The same as its client keeps in a
 * world, but any key may be looked at next and news may have come as far as one likes: which of these happened is
 * what the recording decides.
 */

import type { Key } from '../../../engine/api/object.ts'
import { indexRules } from '../../../engine/apiserver/indexes.ts'
import type { Command, Controller, EventNote, View } from '../../../engine/client/controller.ts'
import { viewOf, withOwnWrite } from '../../../engine/client/view.ts'
import { changesSince, type LoggedChange, type Store } from '../../../engine/etcd/store.ts'
import type { Draw } from '../../../engine/std/draw.ts'
import type { Millis } from '../../../engine/std/time.ts'

export interface Mind {
  /** News has come up to this revision. */
  readonly seen: number
  /** Own writes since then. */
  readonly own: readonly LoggedChange[]
  readonly dirty: ReadonlySet<Key>
  readonly plans: ReadonlyMap<Key, readonly Command[]>
  readonly memory: ReadonlyMap<Key, unknown>
  readonly due: ReadonlyMap<Key, Millis>
  /** Refused, and to be tried again some time. */
  readonly failed: ReadonlySet<Key>
  readonly notes: readonly Noted[]
}

/** What was to be recorded, and when. */
export interface Noted {
  readonly note: EventNote
  /** The key that was being looked at. */
  readonly key: Key
  readonly at: Millis
}

export const EMPTY_MIND: Mind = {
  seen: 0,
  own: [],
  dirty: new Set(),
  plans: new Map(),
  memory: new Map(),
  due: new Map(),
  failed: new Set(),
  notes: [],
}

const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> => {
  const copy = new Map(map)
  if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}

export const withPlan = (mind: Mind, key: Key, plan: readonly Command[]): Mind => ({
  ...mind,
  plans: withEntry(mind.plans, key, plan.length > 0 ? plan : undefined),
})

export const withDirty = (mind: Mind, keys: readonly Key[]): Mind =>
  keys.length === 0 ? mind : { ...mind, dirty: new Set([...mind.dirty, ...keys]) }

export const withNote = (mind: Mind, key: Key, note: EventNote, at: Millis): Mind => ({
  ...mind,
  notes: [...mind.notes, { note, key, at }],
})

export const withOwn = (mind: Mind, changes: readonly LoggedChange[]): Mind => ({
  ...mind,
  own: [...mind.own, ...changes],
})

/** What the controller sees: the store at its revision, and its own writes. */
export const seenStore = (mind: Mind, stores: readonly Store[]): Store =>
  mind.own.reduce((store, change) => withOwnWrite(store, indexRules, change), stores[mind.seen]!)

export const viewAt = (mind: Mind, stores: readonly Store[], now: Millis, draw: Draw): View =>
  viewOf(seenStore(mind, stores), { now, draw })

/** News up to `revision` reaches the controller. */
export function hear(
  mind: Mind,
  controller: Controller,
  stores: readonly Store[],
  revision: number,
  now: Millis,
  draw: Draw,
): Mind {
  if (revision <= mind.seen) return mind
  const own = mind.own.filter((change) => change.revision > revision)
  const heard: Mind = { ...mind, seen: revision, own }
  const view = viewAt(heard, stores, now, draw)
  const keys: Key[] = []
  for (const change of changesSince(stores[revision]!, mind.seen) ?? [])
    keys.push(...(controller.watches[change.resource]?.(change, view) ?? []))
  return withDirty(heard, keys)
}

/** Keys that were to be looked at again by now. */
export function wake(mind: Mind, now: Millis): Mind {
  const keys = [...mind.due].filter(([, at]) => at <= now).map(([key]) => key)
  if (keys.length === 0) return mind
  return withDirty({ ...mind, due: new Map([...mind.due].filter(([, at]) => at > now)) }, keys)
}

function later(mind: Mind, key: Key, at: Millis): Mind {
  const known = mind.due.get(key)
  return { ...mind, due: withEntry(mind.due, key, known === undefined ? at : Math.min(known, at)) }
}

/** What of a plan's beginning needs no request. */
export function settleHead(
  mind: Mind,
  key: Key,
  plan: readonly Command[],
  now: Millis,
): readonly [Mind, readonly Command[]] {
  let state = mind
  let index = 0
  for (; index < plan.length && plan[index]!.do !== 'ask'; index++) {
    const command = plan[index]!
    if (command.do === 'record') state = withNote(state, key, command, now)
    else if (command.do === 'retry') state = { ...state, failed: new Set([...state.failed, key]) }
    else if (command.do === 'lookAgain')
      state = command.after > 0 ? later(state, key, now + command.after) : withDirty(state, [key])
    else if (command.do === 'remember') state = { ...state, memory: withEntry(state.memory, key, command.value) }
  }
  return [state, plan.slice(index)]
}

/** A worker looks at a key. */
export function look(
  mind: Mind,
  controller: Controller,
  stores: readonly Store[],
  key: Key,
  now: Millis,
  draw: Draw,
): Mind {
  const view = viewAt(mind, stores, now, draw)
  const plan = controller.reconcile(view, key, mind.memory.get(key))
  const dirty = new Set(mind.dirty)
  dirty.delete(key)
  const failed = new Set(mind.failed)
  failed.delete(key)
  let state: Mind = { ...mind, dirty, failed }
  for (const command of plan)
    if (command.do === 'remember') state = { ...state, memory: withEntry(state.memory, key, command.value) }
  const [settled, rest] = settleHead(
    state,
    key,
    plan.filter((command) => command.do !== 'remember'),
    now,
  )
  return withPlan(settled, key, rest)
}
