/**
 * The shape of a controller: it looks at its view of the cluster and says what it would like to happen. It never waits
 * for an answer; it will look again. So it may be killed at any moment and loses nothing, which is the whole idea
 * of level-triggered control.
 */
import type { Draft, Key, KubeObject, ResourceName } from '../api/object.ts'
import type { Reason } from '../api/status.ts'
import type { Options, PatchType, Verb } from '../apiserver/request.ts'
import type { Draw } from '../std/draw.ts'
import type { Millis } from '../std/time.ts'

/**
 * What a client knows: the cluster as of the last delivery to it, with its own writes already in. Looking up is
 * O(log n), listing is O(what is listed).
 */
export interface View {
  readonly now: Millis
  readonly draw: Draw
  readonly get: <T extends KubeObject>(resource: ResourceName, key: Key) => T | undefined
  readonly list: <T extends KubeObject>(resource: ResourceName, namespace?: string) => readonly T[]
  /** Something that is the very same as long as nothing of a resource changes. Only for remembering what was worked out. */
  readonly version?: (resource: ResourceName) => object
  /** By an index that the store keeps: `owner` (uid of any owner), `node` (name; '' when none), `label` (`ns/key=value`), `service` (`ns/name`, for slices). */
  readonly by: <T extends KubeObject>(resource: ResourceName, index: IndexName, value: string) => readonly T[]
}

export type IndexName = 'owner' | 'node' | 'label' | 'service' | 'uses'

/** A request, without who asks: that is the controller's identity. */
export interface Ask {
  readonly verb: Exclude<Verb, 'list' | 'watch'>
  readonly resource: ResourceName
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly body?: Draft | KubeObject
  readonly patchType?: PatchType
  readonly options?: Options
  /** What comes of this patch is decoded like anyone's, because it may take things away. */
  readonly decode?: true
}

export type Command =
  /**
   * Asks are sent one after another. A refusal ends the plan and the key is looked at again after a back-off, unless its
   * reason is in `tolerate`. `batch`: this ask may go out together with the neighbours of the same batch, and one
   * refusal does not hold back the others of the batch (only what follows it).
   */
  | {
      readonly do: 'ask'
      readonly ask: Ask
      readonly tolerate?: readonly Reason[]
      readonly batch?: number
      readonly onRefusal?: EventNote
      /** Recorded when it was granted. `%s` in the message stands for the name of the object, which the server may have chosen. */
      readonly onSuccess?: EventNote
      /**
       * What is done instead of the rest of the plan when this ask, or one of its batch, is refused. A text `%s` in it stands for
       * the Status message of the first refusal. Ends with `retry` where the key shall be tried again.
       */
      readonly otherwise?: readonly Command[]
    }
  | ({ readonly do: 'record' } & EventNote)
  | { readonly do: 'lookAgain'; readonly after: Millis }
  /** Gives the key back as a refusal does: it is looked at again after a back-off. */
  | { readonly do: 'retry' }
  /** The one thing a controller may keep per key between two looks, in plain data; undefined forgets it. */
  | { readonly do: 'remember'; readonly value: unknown }

/** A Kubernetes Event to be recorded about an object. `%s` in a refusal's note stands for the Status message. */
export interface EventNote {
  readonly about: KubeObject
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** The part of the object: `spec.containers{main}`. */
  readonly fieldPath?: string
  /** What was being done, in the newer form of Events: `Binding`. */
  readonly action?: string
}

export interface Change {
  readonly resource: ResourceName
  readonly key: Key
  /** Undefined when it was created. */
  readonly before?: KubeObject | undefined
  /** Undefined when it was deleted. */
  readonly after?: KubeObject | undefined
}

export interface Controller {
  /** Its identity: `deployment-controller` is `system:serviceaccount:kube-system:deployment-controller`. */
  readonly name: string
  /** The ServiceAccount it speaks as, where that is shared with others; its name when absent. */
  readonly identity?: string
  /** `source.component` of its Events; the name when absent. */
  readonly eventSource?: string
  readonly workers: number
  /** It asks the API server for what it looks at, instead of keeping a cache of it. */
  readonly readsLive?: true
  /** Resources of which it does not want to hear when it was itself who wrote. */
  readonly ignoresOwn?: readonly ResourceName[]
  /** Which keys to look at again when something of a resource changed. */
  readonly watches: Readonly<Record<ResourceName, (change: Change, view: View) => readonly Key[]>>
  readonly reconcile: (view: View, key: Key, memory: unknown) => readonly Command[]
}
