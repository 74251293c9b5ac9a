/** The world in which a conversation with the API server takes place: a cluster that has been up for a while. */
import { handle } from '../../engine/apiserver/handle.ts'
import type { Request, User } from '../../engine/apiserver/request.ts'
import type { ApiServer } from '../../engine/apiserver/server.ts'
import type { Draw } from '../../engine/std/draw.ts'

export interface ApiWorld {
  readonly server: ApiServer
  readonly now: number
  readonly draw: Draw
  readonly tokens: (token: string) => User | undefined
  /** The world after a request has changed the server. */
  readonly changed: (server: ApiServer) => ApiWorld
  /** Lets the rest of the cluster work until an instant. */
  readonly advance: (until: number) => ApiWorld
}

/** What a conversation finds there. */
export interface Surroundings {
  readonly namespaces: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

const RECORDER: User = { name: 'kubernetes-admin', uid: 'u0', groups: ['system:masters', 'system:authenticated'] }

function namespaceRequest(name: string, labels: Surroundings['labels']): Request {
  const body = { metadata: { name, ...(Object.keys(labels).length > 0 && { labels }) } }
  return { verb: 'create', resource: 'namespaces', body, user: RECORDER, userAgent: 'recorder' }
}

/** The world with the namespaces in which the conversation takes place. */
export function prepared(world: ApiWorld, { namespaces, labels }: Surroundings): ApiWorld {
  let next = world
  for (const name of namespaces) {
    const at = { now: next.now, draw: next.draw }
    const [server, response] = handle(next.server, namespaceRequest(name, labels), at)
    if (response.code >= 300) throw new Error(`cannot prepare the world: ${JSON.stringify(response.body)}`)
    next = next.changed(server)
  }
  return next
}
