/**
 * The door for whoever speaks HTTP from outside the world: a real kubectl, a test, a replayed conversation. What changes the world this
 * way is a fact like any other, so it can be kept, shared and played again.
 */
import { type HttpRequest, type HttpResponse, serveHttp, type Tokens } from '../apiserver/http/serve-http.ts'
import type { User } from '../apiserver/request.ts'
import type { AtServer } from '../apiserver/server.ts'
import { announce } from './announce.ts'
import { presentIn } from './present.ts'
import { atOf, type World } from './world.ts'

export interface HttpFact {
  readonly type: 'http/arrived'
  readonly request: HttpRequest
  /** Whom the connection identifies: by certificate, or by a token that was given out beside the cluster. */
  readonly user?: User
}

/** Tokens that the cluster itself gave out are known to its API server. */
const NO_TOKENS: Tokens = () => undefined

type Served = readonly [World, HttpResponse]

function serve(world: World, { request, user }: HttpFact, call?: AtServer['call']): Served {
  const at: AtServer = { ...atOf(world), present: presentIn(world), ...(call && { call }) }
  const [server, response] = serveHttp(world.server, request, { tokens: NO_TOKENS, ...(user && { user }) }, at)
  return [server === world.server ? world : { ...world, server }, response]
}

export const onHttpFact = (world: World, fact: HttpFact): World => serve(world, fact)[0]

/** What `reduce` makes of the fact, and the answer beside it; the same world when nothing was written. */
export function answerHttp(world: World, fact: HttpFact, call?: AtServer['call']): Served {
  const [after, response] = serve(world, fact, call)
  return after === world ? [world, response] : [announce(world, { ...after, happened: world.happened + 1 }), response]
}
