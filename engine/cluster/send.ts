/**
 * The one way from the world's parts to the API server: a request under an identity, the answer, and what it changed.
 */
import { handle } from '../apiserver/handle.ts'
import type { Request, Response, User } from '../apiserver/request.ts'
import type { Ask, EventNote } from '../client/controller.ts'
import { type EventSource, recordingOf } from '../client/events.ts'
import { requestOf } from '../client/informed.ts'
import { atOf, storeOf, type World } from './world.ts'

/** Who speaks, and the program it says it is, which becomes the field manager. */
export interface Speaker {
  readonly user: User
  readonly userAgent: string
  readonly source: EventSource
}

export function send(world: World, request: Request): readonly [World, Response] {
  const [server, response] = handle(world.server, request, atOf(world))
  return [server === world.server ? world : { ...world, server }, response]
}

/** A request of the cluster's own parts. */
export const ask = (world: World, speaker: Speaker, wanted: Ask): readonly [World, Response] =>
  send(world, requestOf(wanted, speaker.user, speaker.userAgent))

/** Nothing happens when too much was said about the object already. */
export function record(world: World, speaker: Speaker, note: EventNote): World {
  const wanted = recordingOf(storeOf(world), note, speaker.source, atOf(world))
  return wanted ? ask(world, speaker, wanted)[0] : world
}
