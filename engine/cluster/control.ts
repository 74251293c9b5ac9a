/**
 * Controllers in the world: news reaches them, workers take keys and make plans, and the plans' requests arrive one
 * after another. Between any two of these steps anything may happen, and any of them may be the last
 * before a crash.
 */
import type { Key, KubeObject } from '../api/object.ts'
import { isFailure, type Status } from '../api/status.ts'
import { indexRules } from '../apiserver/indexes.ts'
import type { Response } from '../apiserver/request.ts'
import type { Command, Controller } from '../client/controller.ts'
import {
  addWork,
  beginWork,
  controllerUser,
  deliver,
  failWork,
  filledIn,
  filledNote,
  finishWork,
  idleWorkers,
  nextStep,
  refusalOf,
  type Step,
  seeOwnWrite,
  withPlan,
} from '../client/informed.ts'
import { filled, waitFor, withoutTokens } from '../client/rate-limit.ts'
import { controllers } from '../controllers/index.ts'
import { changesSince, type Store } from '../etcd/store.ts'
import { schedule } from '../std/agenda.ts'
import { getSorted, hasSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import type { ControllerFact, Fact } from './fact.ts'
import { requestLatency } from './latency.ts'
import { loseRequest } from './losses.ts'
import { ask, record, type Speaker } from './send.ts'
import { atOf, controllerOfWorld, storeOf, type World, withController } from './world.ts'

const BY_NAME: ReadonlyMap<string, Controller> = new Map(controllers.map((controller) => [controller.name, controller]))

const definitionOf = (name: string): Controller => {
  const controller = BY_NAME.get(name)
  if (!controller) throw new Error(`no controller is called ${name}`)
  return controller
}

const SPEAKERS: ReadonlyMap<string, Speaker> = new Map(
  controllers.map(({ name, identity, eventSource }) => [
    name,
    {
      user: controllerUser(identity ?? name),
      userAgent: 'kube-controller-manager',
      source: { component: eventSource ?? identity ?? name },
    },
  ]),
)

export const later = (world: World, delay: Millis, fact: Fact): World => ({
  ...world,
  agenda: schedule(world.agenda, world.now + delay, fact),
})

/** Gives every idle worker a key to take, at this instant but after what is already due in it. */
function wakeWorkers(world: World, client: string): World {
  const informed = controllerOfWorld(world, client)
  const idle = idleWorkers(informed, definitionOf(client))
  if (idle <= 0) return world
  let woken = withController(world, client, { ...informed, wakening: informed.wakening + idle })
  for (let worker = 0; worker < idle; worker++) woken = later(woken, 0, { type: 'key/taken', client })
  return woken
}

function onDelivered(world: World, client: string): World {
  const informed = controllerOfWorld(world, client)
  if (hasSorted(world.faults.stalled, client)) return withController(world, client, { ...informed, delivering: false })
  const informedNow = deliver(informed, definitionOf(client), storeOf(world), atOf(world))
  return wakeWorkers(withController(world, client, informedNow), client)
}

/** What is there now, and still the news that are to come. */
const upToDate = (seen: Store, store: Store): Store => ({ ...store, revision: seen.revision })

function onTaken(world: World, client: string): World {
  const informed = controllerOfWorld(world, client)
  const seen = definitionOf(client).readsLive ? { seen: upToDate(informed.seen, storeOf(world)) } : undefined
  const awake = { ...informed, ...seen, wakening: informed.wakening - 1 }
  const begun = beginWork(awake, definitionOf(client), atOf(world))
  if (!begun) return withController(world, client, awake)
  const [working, key] = begun
  return goOn(withController(world, client, working), client, key)
}

const asksFirst = (plan: readonly Command[]): boolean => plan.some((command) => command.do === 'ask')

/** The next request travels, after it has waited for its turn. */
function onItsWay(world: World, client: string, key: Key): World {
  const { bucket } = controllerOfWorld(world, client)
  const wait = waitFor(filled(bucket, world.controllerRate, world.now), world.controllerRate)
  return later(world, wait + requestLatency(atOf(world), client), { type: 'request/arrived', client, key })
}

/** Sends the plan's next request on its way, or carries out at once what needs none. */
function goOn(world: World, client: string, key: Key): World {
  const plan = getSorted(controllerOfWorld(world, client).plans, key) ?? []
  if (asksFirst(plan)) return onItsWay(world, client, key)
  const done = plan.reduce((state, command) => withoutRequest(state, client, key, command), world)
  if (plan.some((command) => command.do === 'retry')) return giveUp(done, client, key)
  const finished = withController(done, client, finishWork(controllerOfWorld(done, client), key))
  return wakeWorkers(finished, client)
}

function withoutRequest(world: World, client: string, key: Key, command: Command): World {
  if (command.do === 'record') return record(world, SPEAKERS.get(client)!, command)
  return command.do === 'lookAgain' ? lookAgain(world, client, key, command.after) : world
}

const lookAgain = (world: World, client: string, key: Key, after: Millis): World =>
  after > 0
    ? later(world, after, { type: 'key/due', client, key })
    : withController(world, client, addWork(controllerOfWorld(world, client), key))

function onDue(world: World, client: string, key: Key): World {
  return wakeWorkers(withController(world, client, addWork(controllerOfWorld(world, client), key)), client)
}

/** What the request changed is what the controller sees of its own writes. */
function seeing(before: World, after: World, client: string): World {
  if (after.server === before.server) return after
  const changes = changesSince(storeOf(after), storeOf(before).revision) ?? []
  const informed = changes.reduce(
    (state, change) => seeOwnWrite(state, indexRules, change),
    controllerOfWorld(after, client),
  )
  return withController(after, client, informed)
}

type AskCommand = Step['asks'][number]

function carryOut(world: World, client: string, command: AskCommand): readonly [World, Status | undefined] {
  const speaker = SPEAKERS.get(client)!
  const lost = loseRequest(world, client)
  if (lost && !lost.answer) return [lost.world, LOST]
  const start = lost?.world ?? world
  const [asked, response]: readonly [World, Response] = ask(start, speaker, command.ask)
  if (lost) return [asked, LOST]
  const refused = refusalOf(command, response.body)
  if (isFailure(response.body)) {
    const note = refused && command.onRefusal && filledNote(command.onRefusal, refused.message ?? '')
    return [note ? record(asked, speaker, note) : asked, refused]
  }
  const seen = seeing(start, asked, client)
  const note = command.onSuccess && filledNote(command.onSuccess, nameIn(response))
  return [note ? record(seen, speaker, note) : seen, undefined]
}

/** The name of what was answered with: the server may have chosen it. */
const nameIn = ({ body }: Response): string => ('metadata' in body && (body as KubeObject).metadata.name) || ''

/** What a client sees of a request whose answer never came. */
const LOST: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  reason: 'Timeout',
  message: 'the connection was lost',
  code: 504,
}

function onArrived(world: World, client: string, key: Key): World {
  const informed = controllerOfWorld(world, client)
  const plan = getSorted(informed.plans, key)
  if (!plan) return world
  const bucket = filled(informed.bucket, world.controllerRate, world.now)
  if (bucket.tokens < 1) return onItsWay(withController(world, client, { ...informed, bucket }), client, key)
  const [step, rest] = nextStep(plan, Math.floor(bucket.tokens))
  const paid = withController(world, client, { ...informed, bucket: withoutTokens(bucket, step.asks.length) })
  let state = step.records.reduce((reached, note) => record(reached, SPEAKERS.get(client)!, note), paid)
  if (step.lookAgain !== undefined) state = lookAgain(state, client, key, step.lookAgain)
  let next: readonly Command[] | undefined = rest
  for (const command of step.asks) {
    const [reached, refused] = carryOut(state, client, command)
    state = reached
    if (refused && next === rest) next = command.otherwise && filledIn(command.otherwise, refused.message ?? '')
  }
  if (!next) return giveUp(state, client, key)
  return goOn(withController(state, client, withPlan(controllerOfWorld(state, client), key, next)), client, key)
}

function giveUp(world: World, client: string, key: Key): World {
  const [failed, delay] = failWork(controllerOfWorld(world, client), key)
  const retrying = later(withController(world, client, failed), delay, { type: 'key/due', client, key })
  return wakeWorkers(retrying, client)
}

export function onControllerFact(world: World, fact: ControllerFact): World {
  if (hasSorted(world.faults.down, fact.client)) return world
  switch (fact.type) {
    case 'changes/delivered':
      return onDelivered(world, fact.client)
    case 'key/taken':
      return onTaken(world, fact.client)
    case 'key/due':
      return onDue(world, fact.client, fact.key)
    case 'request/arrived':
      return onArrived(world, fact.client, fact.key)
  }
}
