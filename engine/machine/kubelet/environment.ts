/**
 * The environment of a container: its image's, what ConfigMaps and Secrets hold, what the spec says, and where the
 * Services are, with `$(NAME)` replaced by what came before.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), third_party/forked/golang/expansion
 * Left out: fileKeyRef.
 */
import type { KubeObject } from '../../api/object.ts'
import type { Container, EnvFromSource, EnvVar, Pod } from '../../api/types.generated.ts'
import { textOfBase64 } from '../../std/base64.ts'
import type { Turn } from '../turn.ts'
import { containerNamed } from './container-kind.ts'
import { type FieldContext, fieldValue, resourceValue } from './field-reference.ts'
import { serviceVariables } from './service-environment.ts'

export type Environment = readonly (readonly [name: string, value: string])[]

export interface MissingReference {
  readonly problem: string
}

export interface DataHolder extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

const missing = (problem: string): MissingReference => ({ problem })

export const isMissing = (found: unknown): found is MissingReference =>
  typeof found === 'object' && found !== null && 'problem' in found

/** `$(NAME)` is replaced if it is known, `$$` stands for a dollar sign. */
export function expand(text: string, known: ReadonlyMap<string, string>): string {
  if (!text.includes('$')) return text
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$'
    return known.get(name) ?? whole
  })
}

type Found = string | undefined | MissingReference

function fromConfigMap(turn: Turn, pod: Pod, variable: EnvVar): Found {
  const { name = '', key, optional } = variable.valueFrom!.configMapKeyRef!
  const map = turn.at.view.get<DataHolder>('configmaps', `${pod.metadata.namespace}/${name}`)
  const value = map?.data?.[key]
  if (value !== undefined || optional) return value
  return missing(
    map ? `couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}` : `configmap "${name}" not found`,
  )
}

function fromSecret(turn: Turn, pod: Pod, variable: EnvVar): Found {
  const { name = '', key, optional } = variable.valueFrom!.secretKeyRef!
  const secret = turn.at.view.get<DataHolder>('secrets', `${pod.metadata.namespace}/${name}`)
  const value = secret?.data?.[key]
  if (value !== undefined) return textOfBase64(value)
  if (optional) return undefined
  return missing(
    secret ? `couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}` : `secret "${name}" not found`,
  )
}

function fromReference(turn: Turn, container: Container, variable: EnvVar, context: FieldContext): Found {
  const source = variable.valueFrom!
  if (source.fieldRef) return fieldValue(source.fieldRef.fieldPath, context)
  if (source.configMapKeyRef) return fromConfigMap(turn, context.pod, variable)
  if (source.secretKeyRef) return fromSecret(turn, context.pod, variable)
  if (!source.resourceFieldRef) return missing(`kubefold does not model this source of the variable ${variable.name}`)
  const { containerName } = source.resourceFieldRef
  const owner = containerName ? (containerNamed(context.pod, containerName) ?? container) : container
  return resourceValue(source.resourceFieldRef, owner, context)
}

function wholeSource(turn: Turn, pod: Pod, source: EnvFromSource): Readonly<Record<string, string>> | MissingReference {
  const { configMapRef, secretRef } = source
  const reference = configMapRef ?? secretRef
  const resource = configMapRef ? 'configmaps' : 'secrets'
  const object = turn.at.view.get<DataHolder>(resource, `${pod.metadata.namespace}/${reference?.name}`)
  if (object) return (configMapRef ? object.data : decoded(object.data)) ?? {}
  if (reference?.optional) return {}
  return missing(`${configMapRef ? 'configmap' : 'secret'} "${reference?.name}" not found`)
}

const decoded = (data: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, textOfBase64(value)]))

/** Whole ConfigMaps and Secrets, in the order in which the spec names them. */
function addSources(turn: Turn, container: Container, context: FieldContext, into: Map<string, string>): Found {
  for (const source of container.envFrom ?? []) {
    const values = wholeSource(turn, context.pod, source)
    if (isMissing(values)) return values
    for (const [key, value] of Object.entries(values)) into.set(`${source.prefix ?? ''}${key}`, value)
  }
  return undefined
}

function addVariables(turn: Turn, container: Container, context: FieldContext, into: Map<string, string>): Found {
  const known = new Map(serviceVariables(turn, context.pod))
  for (const [name, value] of into) known.set(name, value)
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? fromReference(turn, container, variable, context)
      : expand(variable.value ?? '', known)
    if (isMissing(value)) return value
    if (value === undefined) continue
    into.set(variable.name, value)
    known.set(variable.name, value)
  }
  return undefined
}

/** What the spec adds to an image's environment, or why it cannot be said. */
export function containerEnvironment(
  turn: Turn,
  container: Container,
  context: FieldContext,
): ReadonlyMap<string, string> | MissingReference {
  const values = new Map<string, string>()
  const problem = addSources(turn, container, context, values) ?? addVariables(turn, container, context, values)
  if (isMissing(problem)) return problem
  for (const [name, value] of serviceVariables(turn, context.pod)) if (!values.has(name)) values.set(name, value)
  return values
}

/** Whether a container's environment can be missing something. */
export const hasReferences = ({ env, envFrom }: Container): boolean =>
  envFrom !== undefined || (env?.some(({ valueFrom }) => valueFrom !== undefined) ?? false)

/** Everything a process of the container finds: the image's, the spec's, and what the runtime adds. */
export function processEnvironment(
  image: Environment,
  hostname: string,
  own: ReadonlyMap<string, string>,
  home: string,
): Environment {
  const all = new Map<string, string>([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', hostname],
    ...image,
    ...own,
  ])
  if (!all.has('HOME')) all.set('HOME', home)
  return [...all]
}
