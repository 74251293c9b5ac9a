/** The network part of the recordings: kube-proxy's rules and the traffic they make, packet walks, nodes, and DNS. */
import { replayDns } from './network/dns.ts'
import { replayServices, replayVariants } from './network/services.ts'
import { replaySnapshot } from './network/snapshot.ts'
import { replayWalks } from './network/walks.ts'
import type { Replay } from './replay.ts'

export const replayNetwork: Replay = function* (directory) {
  yield* replayServices(directory)
  yield* replayVariants(directory)
  yield* replayWalks(directory)
  yield* replaySnapshot(directory)
  yield* replayDns(directory)
}
