/**
 * Everything that can happen, about thirty kinds in all, however many kinds of object there are: creating a ConfigMap and
 * creating a Pod are both a request that arrives. Facts are past tense and cannot fail; what is asked for may be
 * refused, and the refusal is a fact too.
 */
import type { Key } from '../api/object.ts'
import type { Ask } from '../client/controller.ts'
import type { MachineFact } from '../machine/fact.ts'
import type { SchedulerFact } from '../scheduler/fact.ts'
import type { Millis } from '../std/time.ts'
import type { HttpFact } from './front-door.ts'

/** What happens to a controller and its client. */
export type ControllerFact =
  /** Everything up to now reaches this client. */
  | { readonly type: 'changes/delivered'; readonly client: string }
  /** A worker takes the next key in line and makes a plan. */
  | { readonly type: 'key/taken'; readonly client: string }
  /** A key that was to be looked at again comes due. */
  | { readonly type: 'key/due'; readonly client: string; readonly key: Key }
  /** The next request of the plan for a key reaches the API server. */
  | { readonly type: 'request/arrived'; readonly client: string; readonly key: Key }

/** What a component (the scheduler, a kubelet) asked for reaches the API server. */
export interface AskFact {
  readonly type: 'ask/arrived'
  readonly from: string
  readonly ask: Ask
  readonly tag?: string
}

/** What a person does at a terminal or in the editor. */
export type PersonFact =
  | { readonly type: 'line/entered'; readonly terminal: string; readonly line: string }
  | { readonly type: 'key/pressed'; readonly terminal: string; readonly press: 'interrupt' | 'endOfInput' }
  | { readonly type: 'file/saved'; readonly terminal: string; readonly path: string; readonly text: string }
  /** A program that runs at a terminal (`sleep`, `-w`, `rollout status`) looks again. */
  | { readonly type: 'program/woke'; readonly terminal: string }

/** What breaks, and what heals it. Drawn by a search, typed by a teacher, chosen in the page. */
export type FaultFact =
  /** A controller or the scheduler is killed: it forgets all it had seen and starts again after `restartAfter`. */
  | { readonly type: 'component/crashed'; readonly client: string; readonly restartAfter: Millis }
  | { readonly type: 'component/started'; readonly client: string }
  /** News no longer reaches a client, until its watch resumes. */
  | { readonly type: 'watch/stalled'; readonly client: string }
  | { readonly type: 'watch/resumed'; readonly client: string }
  /** The next requests of a client are lost on the way; with `answer`, they happen and only the answer is lost. */
  | { readonly type: 'requests/lost'; readonly client: string; readonly count: number; readonly answer?: true }
  | { readonly type: 'machine/crashed'; readonly machine: string }
  | { readonly type: 'machine/booted'; readonly machine: string }
  | { readonly type: 'link/cut'; readonly between: readonly [string, string] }
  | { readonly type: 'link/healed'; readonly between: readonly [string, string] }
  | { readonly type: 'calm/restored' }

export type Fact =
  | ControllerFact
  | HttpFact
  | AskFact
  | PersonFact
  | FaultFact
  | (SchedulerFact & { readonly client: 'kube-scheduler' })
  | (MachineFact & { readonly machine: string })
