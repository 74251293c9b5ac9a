/**
 * Brings manifests into a simulated cluster through its API server, one after another, as strictly as `kubectl apply --validate=strict`
 * does, and says of each what the server said.
 */

import type { KubeObject } from '../../engine/api/object.ts'
import type { ServedKind } from '../../engine/api/schema.ts'
import { allServed, joinGroupVersion, kindOfObject, splitGroupVersion } from '../../engine/api/schema-table.ts'
import { isFailure, type Status } from '../../engine/api/status.ts'
import type { HttpResponse } from '../../engine/apiserver/http/serve-http.ts'
import { answerHttp } from '../../engine/cluster/front-door.ts'
import { run } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { getObject } from '../../engine/etcd/store.ts'
import { seconds } from '../../engine/std/time.ts'
import { type Finding, placeText, type Severity } from './finding.ts'
import { fieldPath, type Manifest } from './manifest.ts'

/** A manifest that is an object of the cluster now. */
export interface Applied {
  readonly manifest: Manifest
  readonly served: ServedKind
  /** As the server made it. */
  readonly object: KubeObject
}

export interface Application {
  readonly world: World
  readonly applied: readonly Applied[]
  readonly findings: readonly Finding[]
}

const ADMINISTRATOR = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

function post(world: World, path: string, body: unknown): readonly [World, HttpResponse] {
  const headers = { 'content-type': 'application/json', 'user-agent': 'kubefold-check' }
  const request = { method: 'POST', path, headers, body: JSON.stringify(body) }
  return answerHttp(world, { type: 'http/arrived', request, user: ADMINISTRATOR })
}

type Metadata = { readonly name?: string; readonly namespace?: string; readonly generateName?: string }

const metadataOf = ({ object }: Manifest): Metadata =>
  typeof object.metadata === 'object' && object.metadata !== null ? (object.metadata as Metadata) : {}

/** `Deployment default/web` */
export function titleOf(manifest: Manifest, served?: ServedKind): string {
  const { name = metadataOf(manifest).generateName ?? 'without a name', namespace } = metadataOf(manifest)
  const place = served && !served.namespaced ? '' : `${namespace ?? 'default'}/`
  return `${String(manifest.object.kind ?? 'object')} ${place}${name}`
}

const finding = (manifest: Manifest, severity: Severity, message: string, path: readonly string[] = []): Finding => ({
  severity,
  place: manifest.placeOf(path),
  object: titleOf(manifest),
  message,
})

// ---- kinds that are not served ----

const BUILT_IN_GROUP = /^(?:[a-z]+|[a-z.]+\.k8s\.io)?$/

/** What to say about a kind that is not served: another version, a custom resource, or a mistake. */
function unknownKind(manifest: Manifest): Finding {
  const { apiVersion, kind } = manifest.object
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    return finding(
      manifest,
      'error',
      `it says no ${typeof kind === 'string' ? 'apiVersion' : 'kind'}, so nobody knows what it is`,
    )
  const [version, group] = splitGroupVersion(apiVersion)
  const elsewhere = allServed().find((served) => served.kind === kind)
  if (elsewhere)
    return finding(
      manifest,
      'error',
      `Kubernetes v1.36 serves no ${kind} as ${apiVersion}; it serves ${joinGroupVersion(elsewhere.group, elsewhere.version)}`,
      ['apiVersion'],
    )
  if (BUILT_IN_GROUP.test(group) || group === '')
    return finding(
      manifest,
      'error',
      `Kubernetes v1.36 knows no kind "${kind}" in ${group || 'the core group'}, version ${version}`,
      ['kind'],
    )
  return finding(manifest, 'note', 'custom resources are not simulated: it was passed over', ['kind'])
}

// ---- refusals ----

const STRICT = /(?:unknown|duplicate) field "((?:[^"\\]|\\.)+)"/g
const GO_FIELD = /Go struct field \w+\.([\w.]+) of type/

const prefixOf = (message: string): string => message.replace(/^.*? (?:strict decoding error|json): /s, '')

/** What the server refused, at the fields that it names. */
function refusal(
  manifest: Manifest,
  { message = '', details, reason }: Status,
  applied: readonly Applied[],
): readonly Finding[] {
  const twin = reason === 'AlreadyExists' && applied.find((one) => titleOf(one.manifest) === titleOf(manifest))
  if (twin)
    return [
      finding(manifest, 'error', `it is there already, from ${placeText(twin.manifest.place)}`, ['metadata', 'name']),
    ]
  const causes = details?.causes ?? []
  if (causes.length > 0)
    return causes.map(({ field = '', message: why }) =>
      finding(manifest, 'error', `${field}: ${why}`, fieldPath(field)),
    )
  const strict = [...message.matchAll(STRICT)]
  if (strict.length > 0) return strict.map(([says, field]) => finding(manifest, 'error', says, fieldPath(field!)))
  const mistyped = GO_FIELD.exec(message)?.[1]
  return [finding(manifest, 'error', mistyped ? prefixOf(message) : message, fieldPath(mistyped ?? 'metadata'))]
}

// ---- applying ----

const isNamespace = ({ object }: Manifest): boolean => object.kind === 'Namespace' && object.apiVersion === 'v1'

/** What others need is made before them; the order of files decides about the rest. */
const EARLY = ['CustomResourceDefinition', 'PriorityClass', 'StorageClass', 'ServiceAccount', 'Secret', 'ConfigMap']

const rank = ({ object }: Manifest): number => {
  const index = EARLY.indexOf(String(object.kind))
  return index < 0 ? EARLY.length : index
}

const pathOf = ({ group, version, plural, namespaced }: ServedKind, namespace: string): string => {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`
  const place = namespaced ? `/namespaces/${namespace}` : ''
  return `${root}${place}/${plural}?fieldValidation=Strict&fieldManager=kubefold-check`
}

function applyOne(world: World, manifest: Manifest, before: readonly Applied[]): Application {
  const { apiVersion, kind } = manifest.object
  const served = kindOfObject(String(apiVersion), String(kind))
  if (!served) return { world, applied: [], findings: [unknownKind(manifest)] }
  const [next, { body, headers }] = post(world, pathOf(served, namespaceOf(manifest)), manifest.object)
  if (isFailure(body as never))
    return { world: next, applied: [], findings: refusal(manifest, body as unknown as Status, before) }
  const findings = [headers.Warning ?? []].flat().map((text) => warned(manifest, text))
  return { world: next, applied: [{ manifest, served, object: body as unknown as KubeObject }], findings }
}

const warned = (manifest: Manifest, header: string): Finding => {
  const text = /^299 \S+ (".*")$/s.exec(header)?.[1]
  const message = text ? (JSON.parse(text) as string) : header
  const field = /^([\w.[\]]+): /.exec(message)?.[1] ?? /field "([^"]+)"/.exec(message)?.[1] ?? ''
  return finding(manifest, 'warning', message, fieldPath(field))
}

function applyAll(begin: World, manifests: readonly Manifest[], before: readonly Applied[] = []): Application {
  let world = begin
  const [applied, findings]: [Applied[], Finding[]] = [[...before], []]
  for (const manifest of manifests) {
    const one = applyOne(world, manifest, applied)
    world = one.world
    applied.push(...one.applied)
    findings.push(...one.findings)
  }
  return { world, applied, findings }
}

// ---- namespaces ----

const namespaceOf = (manifest: Manifest): string => metadataOf(manifest).namespace ?? 'default'

const isNamespaced = ({ object }: Manifest): boolean =>
  kindOfObject(String(object.apiVersion), String(object.kind))?.namespaced ?? false

/** Namespaces that the manifests name and do not hold are taken to be there; the first to name one says so. */
function missingNamespaces(begin: World, manifests: readonly Manifest[]): Application {
  let world = begin
  const findings: Finding[] = []
  for (const manifest of manifests.filter(isNamespaced)) {
    const name = namespaceOf(manifest)
    if (getObject(world.server.store, 'namespaces', name)) continue
    const [next, { code }] = post(world, '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })
    world = next
    const note = `namespace "${name}" is not among the manifests; it is taken to be there`
    if (code < 300) findings.push(finding(manifest, 'note', note, ['metadata', 'namespace']))
  }
  return { world, applied: [], findings }
}

/** So long it takes until a new namespace has its ServiceAccount. */
const NAMESPACE_TIME = seconds(5)

/** Namespaces first, then what others need, then the rest in the order of the files. */
export function applyManifests(begin: World, manifests: readonly Manifest[]): Application {
  const spaces = applyAll(begin, manifests.filter(isNamespace))
  const missing = missingNamespaces(spaces.world, manifests)
  const ready = run(missing.world, missing.world.now + NAMESPACE_TIME)
  const others = manifests.filter((manifest) => !isNamespace(manifest)).sort((one, other) => rank(one) - rank(other))
  const rest = applyAll(ready, others, spaces.applied)
  return { ...rest, findings: [...spaces.findings, ...missing.findings, ...rest.findings] }
}
