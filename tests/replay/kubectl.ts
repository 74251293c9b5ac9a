/**
 * Replays what was typed at a real kubectl: lines without a server, and whole sessions against a control plane. What is printed and how
 * each line ends must agree, in a session also the requests that were sent.
 */
import { replayOffline } from './kubectl/offline.ts'
import { replaySessions } from './kubectl/sessions.ts'
import type { Replay, ReplayedItem } from './replay.ts'

export const replayKubectl: Replay = function* (directory): Generator<ReplayedItem> {
  yield* replayOffline(directory)
  yield* replaySessions(directory)
}
