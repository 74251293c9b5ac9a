/**
 * What the server knows about a kind beyond its schema: the defaults that depend on other fields, what may be said and what
 * may change, what each update keeps, and the columns that people see. One folder per kind holds one such value;
 * everything else (paths, strict decoding, patching, apply, discovery) follows from the schema.
 *
 * Upstream: pkg/registry/<group>/<kind>/strategy.go, pkg/apis/<group>/{v1/defaults.go,validation},
 * pkg/printers/internalversion/printers.go
 */
import type { Draw } from '../std/draw.ts'
import type { Millis } from '../std/time.ts'
import type { Draft, Key, KubeObject, ResourceName } from './object.ts'
import type { Problem } from './problem.ts'
import type { Status } from './status.ts'

/** What a strategy may borrow from the server while it prepares an object. */
export interface KindContext {
  readonly now: Millis
  readonly draw: Draw
  readonly get: <T extends KubeObject>(resource: ResourceName, key: Key) => T | undefined
  readonly list: <T extends KubeObject>(resource: ResourceName, namespace?: string) => readonly T[]
  /** By an index that the strategy asked for (`services` by `nodePort`); absent: whoever needs it lists. */
  readonly by?: <T extends KubeObject>(resource: ResourceName, index: string, value: string) => readonly T[]
  readonly dryRun: boolean
}

export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date' | 'number' | 'boolean'
  readonly format?: 'name' | ''
  /** Shown with `-o wide` only. */
  readonly wide?: true
}

export type Cell = string | number | boolean | null

/** `''` is the main resource; `status`, `scale`, `binding`, … its subresources. */
export interface KindStrategy<T extends KubeObject = KubeObject> {
  readonly resource: ResourceName
  /**
   * Fills in what was left out, after decoding and before admission. Must return the very same object (and the very same
   * nested ones) where there is nothing to fill in, because equal pointers are what makes writes cheap.
   */
  readonly defaults?: (object: T) => T
  /** Drops what a creator may not set (status, …) and allocates what the server gives (addresses, ports). */
  readonly prepareCreate?: (object: T, context: KindContext) => T | Status
  /** Keeps what this door may not change; `subresource` is '' or `status` or another name. */
  readonly prepareUpdate?: (object: T, old: T, subresource: string, context: KindContext) => T | Status
  /** What a name of this kind may look like; a DNS subdomain when absent. Whoever checks metadata asks for it. */
  readonly nameFormat?: (name: string) => readonly string[]
  /** Metadata is looked at only when nothing else is wrong. */
  readonly metadataLast?: true
  readonly validate?: (object: T) => readonly Problem[]
  readonly validateUpdate?: (object: T, old: T, subresource: string) => readonly Problem[]
  readonly warnings?: (object: T, old: T | undefined) => readonly string[]
  /** Whether this change counts as a change of what is desired. Absent: the kind has no generation. */
  readonly bumpsGeneration?: (object: T, old: T) => boolean
  /** PUT of something missing creates it. */
  readonly createsOnUpdate?: true
  /** PUT without a resourceVersion is refused. */
  readonly needsResourceVersion?: true
  /** Seconds of grace when a delete names none; undefined deletes at once. */
  readonly gracePeriodSeconds?: (object: T, asked: number | undefined) => number | undefined
  /** Fields that field selectors may name, beside metadata.name and metadata.namespace. */
  readonly fields?: Readonly<Record<string, (object: T) => string>>
  readonly columns?: readonly Column[]
  /** One row of `kubectl get`, in the order of `columns`. `nowUnix` is in milliseconds since 1970. */
  readonly row?: (object: T, nowUnix: Millis) => readonly Cell[]
  /**
   * Objects that the server itself keeps beside this one and stores, changes and deletes with it, without uid, version and
   * times: the IPAddress objects of a Service.
   */
  readonly companions?: (object: T) => readonly KubeObject[]
  /** Index entries beyond owner and label: `{ node: ['node-1'] }`. */
  readonly indexes?: (object: T) => Readonly<Record<string, readonly string[]>>
}

/** A strategy whose kind is not known to the compiler, as the registry keeps it. */
export type AnyStrategy = KindStrategy<KubeObject & Draft>

export const defineKind = <T extends KubeObject>(strategy: KindStrategy<T>): KindStrategy<T> => strategy
