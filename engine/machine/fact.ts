/**
 * What happens on a machine, told afterwards: a sandbox was made, an image came, a process ended, a probe is due. Every
 * fact names the pod by uid and what it is about by id, so that one which comes too late (the pod is gone, the container
 * was replaced) finds nothing and does nothing.
 */
import type { Millis } from '../std/time.ts'
import type { ProbeAnswer, ProbeKind } from './kubelet/probe-worker.ts'

export type MachineFact =
  /** The kubelet comes up and makes itself known to the API server. */
  | { readonly type: 'kubelet/started' }
  | { readonly type: 'kubelet/stopped' }
  /** Something about the machine that people can see has changed or may have: the Node's status is looked at again. */
  | { readonly type: 'node/statusDue' }
  /** A pod worker's own queue: it wanted to look at its pod again at this time. */
  | { readonly type: 'pod/due'; readonly pod: string; readonly at: Millis }
  /** The kubelet lists what runs, once a second, and notices what changed (upstream's PLEG). */
  | { readonly type: 'pod/relisted'; readonly pod: string }
  /** What could not be told the API server is tried again. */
  | { readonly type: 'status/retried'; readonly pod: string }
  /** Nothing of a removed pod is left. */
  | { readonly type: 'pod/forgotten'; readonly pod: string }
  /** The files of ConfigMaps, Secrets and the like are written anew. */
  | { readonly type: 'volumes/refreshed'; readonly pod: string }
  | { readonly type: 'deadline/passed'; readonly pod: string }
  | { readonly type: 'mount/retried'; readonly pod: string; readonly at: Millis }
  | { readonly type: 'sandbox/created'; readonly pod: string }
  | { readonly type: 'sandbox/stopped'; readonly pod: string }
  | { readonly type: 'image/pulled'; readonly image: string }
  | { readonly type: 'image/pullFailed'; readonly image: string; readonly message: string }
  | { readonly type: 'container/started'; readonly pod: string; readonly container: string }
  /** A process has come to the time it waited for, or ends. */
  | { readonly type: 'process/woke'; readonly pod: string; readonly process: string; readonly at: Millis }
  /** Somebody on the machine ended a container's first process. */
  | { readonly type: 'process/killed'; readonly pod: string; readonly container: string }
  | {
      readonly type: 'session/opened'
      readonly pod: string
      readonly container: string
      readonly session: string
      readonly argv: readonly string[]
    }
  | { readonly type: 'session/typed'; readonly pod: string; readonly session: string; readonly text: string }
  | { readonly type: 'session/closed'; readonly pod: string; readonly session: string }
  /** SIGTERM was not enough. */
  | { readonly type: 'grace/ended'; readonly pod: string; readonly container: string }
  /** `problem`: why the hook failed. */
  | {
      readonly type: 'hook/finished'
      readonly pod: string
      readonly container: string
      readonly hook: HookName
      readonly problem?: string
    }
  | {
      readonly type: 'probe/due'
      readonly pod: string
      readonly container: string
      readonly probe: ProbeKind
      readonly at: Millis
    }
  /** An answer that took its time, or the end of the time it was given. */
  | {
      readonly type: 'probe/answered'
      readonly pod: string
      readonly container: string
      readonly probe: ProbeKind
      readonly askedAt: Millis
      readonly answer: ProbeAnswer
    }

export type HookName = 'postStart' | 'preStop'
