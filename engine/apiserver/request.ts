/**
 * One question to the API server and its answer. Every client of the cluster, inside it or outside, speaks this
 * and nothing else; the HTTP door only translates.
 */
import type { Draft, KubeObject, ResourceName } from '../api/object.ts'
import type { Status } from '../api/status.ts'
import type { Watch } from './watch.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/** Who asks. Upstream: staging/src/k8s.io/apiserver/pkg/authentication/user */
export interface User {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** The query parameters and the body's options, already decoded. */
export interface Options {
  readonly fieldManager?: string
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: string
  readonly sendInitialEvents?: boolean
  readonly allowWatchBookmarks?: boolean
  readonly timeoutSeconds?: number
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export interface Request {
  readonly verb: Verb
  readonly resource: ResourceName
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly body?: Draft | readonly Draft[]
  readonly patchType?: PatchType
  readonly options?: Options
  /** The body as it came, in place of `body`: some of what is wrong with JSON shows only in its text. */
  readonly text?: string
  /** What the door found wrong with the form of a body that is not JSON. */
  readonly mistakes?: readonly string[]
  /** Why the door could not make sense of options or body. Said to those who are allowed to ask. */
  readonly unreadable?: Status
  readonly user: User
  readonly userAgent?: string
  /** The API version that was named in the URL; the preferred one when absent. */
  readonly version?: string
  /**
   * Set by code of the cluster itself, whose objects are complete and of the right shape by construction: decoding
   * and validation find nothing to say and are skipped. People, checks and the HTTP door never set it.
   */
  readonly trusted?: true
}

export interface ObjectList {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly resourceVersion: string
    readonly continue?: string
    readonly remainingItemCount?: number
  }
  readonly items: readonly KubeObject[]
}

export interface Response {
  readonly code: number
  readonly body: KubeObject | ObjectList | Status
  /** Texts for the `Warning` header. */
  readonly warnings?: readonly string[]
  /** A watch has begun: what to tell of. */
  readonly watch?: Watch
}
