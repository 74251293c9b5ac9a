/**
 * The shape of every built-in type, as data. One table of types is the source of strict decoding, defaulting of
 * structure, merge keys, server-side apply, `explain`, OpenAPI and the search's generators; a CustomResourceDefinition
 * brings more types of the same form at run time. The table is generated: `npm run generate` writes
 * `schema.generated.json` from published packages.
 *
 * Upstream: the OpenAPI document of kube-apiserver v1.36.
 */

/** `core.v1.PodSpec`, `meta.v1.ObjectMeta`: group (without .k8s.io), version and type. */
export type TypeName = string

/** How a scalar is written and read. `quantity`, `time`, `microTime`, `duration`, `intOrString`, `any`: as in the API. */
export type Scalar =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'quantity'
  | 'time'
  | 'microTime'
  | 'intOrString'
  | 'any'

/**
 * `go` is the name of the Go type where it does not follow from the rest: `v1.RestartPolicy`, `v1.ResourceList`. Decoding
 * errors print it.
 */
export type FieldType =
  | { readonly scalar: Scalar; readonly enum?: readonly string[]; readonly go?: string }
  | { readonly type: TypeName }
  | { readonly list: FieldType; readonly go?: string }
  | { readonly map: FieldType; readonly go?: string }

export interface Field {
  readonly is: FieldType
  readonly required?: true
  /**
   * What becomes of an empty value. `pointer`: it is kept, only null is dropped. `always`: the field is written even
   * when nobody named it (`""`, `0`, `{}`, null for lists and maps). `null`: it is a pointer that is always written.
   * Absent: empty values are dropped; structs and other values that read themselves are pointers.
   */
  readonly presence?: 'pointer' | 'always' | 'null'
  /** The number of the field in the protobuf message; 0 when it has none. */
  readonly number: number
  /** The embedded Go struct that the field is in, as decoding errors print it: `ProbeHandler`. */
  readonly embedded?: string
  /** How server-side apply sees a list: one value, a set of scalars, or a map by keys. Lists without it are atomic. */
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listKeys?: readonly string[]
  /** Maps and structs that server-side apply takes as one value. */
  readonly atomic?: true
  /** Strategic merge patch. */
  readonly patch?: 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys'
  readonly patchKey?: string
  /** What an absent field means, where the schema itself says so: the key of a list may be left out then. */
  readonly default?: string | number
}

export interface ObjectType {
  /** Upstream's Go name, as decoding errors print it: `PodSpec`. */
  readonly goName: string
  readonly atomic?: true
  /** In the order of the Go struct, which is the order in which errors and `explain` follow. */
  readonly fields: Readonly<Record<string, Field>>
}

/** A kind that is served: everything the URL, discovery and the store need to know. */
export interface ServedKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly namespaced: boolean
  readonly type: TypeName
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly verbs: readonly string[]
  readonly subresources?: readonly Subresource[]
}

export interface Subresource {
  readonly name: string
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
}

export interface Schema {
  readonly types: Readonly<Record<TypeName, ObjectType>>
  readonly kinds: readonly ServedKind[]
}
