/**
 * What every Kubernetes object is made of, whatever its kind. Objects are plain data and never changed in place:
 * a new version shares with the old one everything that stayed the same, and code may use `===` to see what did.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go
 */

/** A resource and its group as one word, the way kubectl prints it: `pods`, `deployments.apps`. */
export type ResourceName = string

/** `namespace/name`, or `name` for what lives in no namespace. */
export type Key = string

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface ManagedFieldsEntry {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly apiVersion?: string
  readonly time?: string
  readonly fieldsType?: 'FieldsV1'
  readonly fieldsV1?: FieldsV1
  readonly subresource?: string
}

/** A set of field paths as the API writes it: `{"f:spec": {"f:replicas": {}}}`. */
export interface FieldsV1 {
  readonly [path: string]: FieldsV1
}

export interface ObjectMeta {
  readonly name: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

/** An object of any kind, as it is stored: its identity is complete. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** An object as someone wrote it: nothing about it is certain yet. */
export type Draft = { readonly [field: string]: unknown }

export const keyFor = (namespace: string | undefined, name: string): Key => (namespace ? `${namespace}/${name}` : name)

export const keyOf = ({ metadata }: KubeObject): Key => keyFor(metadata.namespace, metadata.name)

export const namespaceOf = (key: Key): string | undefined => {
  const slash = key.indexOf('/')
  return slash < 0 ? undefined : key.slice(0, slash)
}

export const nameOf = (key: Key): string => key.slice(key.indexOf('/') + 1)

/** The one owner that manages this object, if there is one. */
export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find((owner) => owner.controller)

export const isDeleting = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined

/** The reference a dependent carries to the object that manages it. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})
