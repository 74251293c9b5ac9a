/**
 * The shape of what has a life of its own beside the API: the scheduler, a machine, the cloud. A component is a pure function of
 * its slice of the world and one fact; what it wants comes back as orders, which become facts later.
 * It sees the cluster through its view and speaks to it by asking, like everyone.
 */
import type { KubeObject } from '../api/object.ts'
import type { Status } from '../api/status.ts'
import type { At } from '../std/at.ts'
import type { Millis } from '../std/time.ts'
import type { Ask, Change, EventNote, View } from './controller.ts'

export interface AtClient extends At {
  readonly view: View
}

/** What reaches every component from its client. `tag` is what it said when it asked. */
export type ClientFact =
  | { readonly type: 'changes/delivered'; readonly changes: readonly Change[] }
  | { readonly type: 'response/arrived'; readonly tag: string; readonly object?: KubeObject; readonly status?: Status }

export type Order<Fact> =
  | { readonly do: 'ask'; readonly ask: Ask; readonly tag?: string }
  | ({ readonly do: 'record' } & EventNote)
  | { readonly do: 'after'; readonly delay: Millis; readonly fact: Fact }

export type Component<Slice, Fact> = (
  slice: Slice,
  fact: Fact | ClientFact,
  at: AtClient,
) => readonly [Slice, readonly Order<Fact>[]]
