/**
 * A controller's client while it runs: what it has seen, its queue, and the plans its workers are carrying out. Everything here is
 * plain data, so a controller can be killed, stalled, saved or copied at any instant.
 *
 * Upstream: staging/src/k8s.io/client-go/tools/cache (informers), util/workqueue
 */
import type { Key } from '../api/object.ts'
import { isFailure, type Reason, type Status } from '../api/status.ts'
import type { Request, User } from '../apiserver/request.ts'
import {
  changesByListing,
  changesSince,
  emptyStore,
  getObject,
  type IndexRules,
  type LoggedChange,
  type Store,
} from '../etcd/store.ts'
import type { At } from '../std/at.ts'
import { deleteSorted, emptySorted, getSorted, type Sorted, setSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import type { Ask, Command, Controller, EventNote } from './controller.ts'
import { addKey, EMPTY_QUEUE, failKey, finishKey, forgiveKey, takeKey, type WorkQueue } from './queue.ts'
import { type Bucket, NO_TOKENS_YET } from './rate-limit.ts'
import { viewOf, withOwnWrite } from './view.ts'

export interface Informed {
  readonly seen: Store
  readonly queue: WorkQueue
  /** What is left to do of the plan for each key that a worker has. */
  readonly plans: Sorted<readonly Command[]>
  readonly memory: Sorted<unknown>
  readonly bucket: Bucket
  /** A delivery is on its way. */
  readonly delivering: boolean
  /** Facts on the agenda that will each take a key. */
  readonly wakening: number
}

export const newInformed = (): Informed => ({
  seen: emptyStore(),
  queue: EMPTY_QUEUE,
  plans: emptySorted(),
  memory: emptySorted(),
  bucket: NO_TOKENS_YET,
  delivering: false,
  wakening: 0,
})

/** What changed since the last delivery: from the history, or by listing again when that is too long ago. */
export const newsSince = (seen: Store, store: Store): readonly LoggedChange[] =>
  changesSince(store, seen.revision) ?? changesByListing(seen, store)

/** What a client has seen needs no history: what is new is read in the server's. */
export const withoutHistory = (store: Store): Store => ({ ...store, history: emptySorted() })

/** News of what the controller wrote itself, where it does not care to be told again. */
const isIgnored = (client: Informed, { ignoresOwn }: Controller, { resource, key, after }: LoggedChange): boolean =>
  ignoresOwn?.includes(resource) === true &&
  getObject(client.seen, resource, key)?.metadata.resourceVersion === after?.metadata.resourceVersion

/** News arrives: the view moves on and the keys it concerns are queued. */
export function deliver(client: Informed, controller: Controller, store: Store, at: At): Informed {
  const view = viewOf(store, at)
  let { queue } = client
  for (const change of newsSince(client.seen, store)) {
    const keysOf = controller.watches[change.resource]
    if (keysOf && !isIgnored(client, controller, change))
      for (const key of keysOf(change, view)) queue = addKey(queue, key)
  }
  return { ...client, seen: withoutHistory(store), queue, delivering: false }
}

const remembering = (client: Informed, key: Key, command: Command): Informed =>
  command.do !== 'remember'
    ? client
    : {
        ...client,
        memory:
          command.value === undefined ? deleteSorted(client.memory, key) : setSorted(client.memory, key, command.value),
      }

/** A worker takes the next key and makes a plan for it; undefined when nothing is in line. */
export function beginWork(client: Informed, controller: Controller, at: At): readonly [Informed, Key] | undefined {
  const taken = takeKey(client.queue)
  if (!taken) return undefined
  const [queue, key] = taken
  const commands = controller.reconcile(viewOf(client.seen, at), key, getSorted(client.memory, key))
  const plan = commands.filter((command) => command.do !== 'remember')
  const begun = { ...client, queue, plans: setSorted(client.plans, key, plan) }
  return [commands.reduce((state, command) => remembering(state, key, command), begun), key]
}

type AskCommand = Extract<Command, { do: 'ask' }>

/** What a worker does in one go: everything that needs no request, and the next request or batch of requests. */
export interface Step {
  readonly records: readonly EventNote[]
  readonly asks: readonly AskCommand[]
  readonly lookAgain: Millis | undefined
}

/** Splits the next step off a plan, with no more requests than may be sent now. */
export function nextStep(plan: readonly Command[], mostAsks: number): readonly [Step, readonly Command[]] {
  const records: EventNote[] = []
  const asks: AskCommand[] = []
  let lookAgain: Millis | undefined
  let index = 0
  for (; index < plan.length; index++) {
    const command = plan[index]!
    if (command.do === 'ask') {
      if (asks.length >= mostAsks) break
      if (asks.length > 0 && (command.batch === undefined || command.batch !== asks[0]!.batch)) break
      asks.push(command)
    } else if (asks.length > 0) break
    else if (command.do === 'record') records.push(command)
    else if (command.do === 'lookAgain') lookAgain = Math.min(command.after, lookAgain ?? Number.POSITIVE_INFINITY)
  }
  return [{ records, asks, lookAgain }, plan.slice(index)]
}

/** What an answer means for the plan: go on, or give the key back to be tried again. */
export function refusalOf(command: AskCommand, body: unknown): Status | undefined {
  if (!isFailure(body)) return undefined
  return command.tolerate?.includes(body.reason as Reason) ? undefined : body
}

/** A value in which every text has `text` for its `%s`; the same value where there is none. */
export function filledIn<T>(value: T, text: string): T {
  if (typeof value === 'string') return (value.includes('%s') ? value.replace('%s', () => text) : value) as T
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return filledList(value, text) as T
  const entries = Object.entries(value)
  const filled = entries.map(([name, item]) => [name, filledIn(item, text)] as const)
  return filled.every(([, item], i) => item === entries[i]![1]) ? value : (Object.fromEntries(filled) as T)
}

/** The note with `text` for the `%s` of its message. */
export const filledNote = (note: EventNote, text: string): EventNote =>
  note.message.includes('%s') ? { ...note, message: note.message.replace('%s', () => text) } : note

function filledList(list: readonly unknown[], text: string): readonly unknown[] {
  const filled = list.map((item) => filledIn(item, text))
  return filled.every((item, i) => item === list[i]) ? list : filled
}

/** The controller's own write, at once. */
export const seeOwnWrite = (client: Informed, rules: IndexRules, change: LoggedChange): Informed => ({
  ...client,
  seen: withOwnWrite(client.seen, rules, change),
})

export const withPlan = (client: Informed, key: Key, plan: readonly Command[]): Informed => ({
  ...client,
  plans: setSorted(client.plans, key, plan),
})

/** The plan is carried out. */
export function finishWork(client: Informed, key: Key): Informed {
  const queue = forgiveKey(finishKey(client.queue, key), key)
  return { ...client, queue, plans: deleteSorted(client.plans, key) }
}

/** The plan was refused: the key is looked at again after a while. */
export function failWork(client: Informed, key: Key): readonly [Informed, Millis] {
  const [queue, delay] = failKey(finishKey(client.queue, key), key)
  return [{ ...client, queue, plans: deleteSorted(client.plans, key) }, delay]
}

export const addWork = (client: Informed, key: Key): Informed => ({ ...client, queue: addKey(client.queue, key) })

/** How many more keys could be taken by workers that have nothing to do. */
export const idleWorkers = (client: Informed, controller: Controller): number =>
  Math.min(
    controller.workers - client.queue.processing.size - client.wakening,
    client.queue.line.size - client.wakening,
  )

/** Killed and started again: nothing is remembered but what the API server will tell. */
export const restarted = (): Informed => newInformed()

/** An ask with who asks. What the cluster's own parts write whole is of the right shape by construction. */
export function requestOf({ decode, ...ask }: Ask, user: User, userAgent: string): Request {
  return { ...ask, user, userAgent, ...(!decode && { trusted: true as const }) } as Request
}

export const controllerUser = (name: string): User => ({
  name: `system:serviceaccount:kube-system:${name}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
})
