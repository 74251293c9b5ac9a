/** A world for conversations with the API server in which the control plane works: controllers and scheduler, but no nodes. */
import type { User } from '../../engine/apiserver/request.ts'
import type { ApiServer } from '../../engine/apiserver/server.ts'
import { announce } from '../../engine/cluster/announce.ts'
import { newCluster } from '../../engine/cluster/presets/cluster.ts'
import { run } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { compact } from '../../engine/etcd/store.ts'
import { drawing } from '../../engine/std/draw.ts'
import type { ApiWorld, Surroundings } from './api-world.ts'
import { prepared } from './api-world.ts'

const TOKENS: Readonly<Record<string, User>> = {
  'admin-token': { name: 'kubernetes-admin', uid: 'u0', groups: ['system:masters'] },
  'alice-token': { name: 'alice', uid: 'u1', groups: ['dev'] },
  'bob-token': { name: 'bob', uid: 'u2', groups: [''] },
}

const SEED = 1
const WARM = 30_000

function worldAs(world: World): ApiWorld {
  return {
    server: world.server,
    now: world.now,
    draw: drawing(SEED),
    tokens: (token) => TOKENS[token],
    changed: (server: ApiServer) => worldAs(announce(world, { ...world, server })),
    advance: (until: number) => worldAs(run(world, Math.max(until, world.now))),
  }
}

/** Everything so far is long ago: its versions are forgotten. */
function forgetting(world: World): World {
  const { store } = world.server
  return { ...world, server: { ...world.server, store: compact(store, store.revision) } }
}

let warm: World | undefined

/** The same for every conversation, as worlds are values. */
const warmCluster = (): World =>
  (warm ??= forgetting(run(newCluster({ seed: SEED, machines: [], addons: false }), WARM)))

/** A namespace is ready when its account and certificates are there. */
const READY_AFTER = 2000

export function clusterWorld(surroundings: Surroundings): ApiWorld {
  const world = prepared(worldAs(warmCluster()), surroundings)
  return world.advance(world.now + READY_AFTER)
}
