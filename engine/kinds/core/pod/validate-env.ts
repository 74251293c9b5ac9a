/**
 * Variables of a container: said outright, or taken from ConfigMaps, Secrets, files and the Pod itself.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateEnv, ValidateEnvFrom)
 */
import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../../../api/types.generated.ts'
import { all, type Check, each, FINE, filled, join, like, need } from '../../../api/validate/check.ts'
import {
  asPrefix,
  configMapKey,
  dnsLabel,
  dnsSubdomain,
  envVarName,
  qualifiedName,
} from '../../../api/validate/formats.ts'
import { localUnreservedPath } from '../../../api/validate/paths.ts'
import { invalid, notFound, notSupported, required } from '../../../api/validate/problems.ts'
import type { SpecContext } from './spec-context.ts'

/** Fields of a Pod that its containers may be told. */
const IN_ENV = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

const IN_FILES = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

/** What the downward API knows at all; which of it is allowed depends on the place. */
const KNOWN: ReadonlySet<string> = new Set([
  ...IN_ENV,
  ...IN_FILES,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])

const SUBSCRIPT = /^(.*)\['(.*)'\]$/

const SUBSCRIPTED: Readonly<Record<string, (key: string) => string>> = {
  'metadata.annotations': (key) => key.toLowerCase(),
  'metadata.labels': (key) => key,
}

function conversionMistake(version: string, path: string): string | undefined {
  if (version !== 'v1') return `unsupported pod version: ${version}`
  const name = SUBSCRIPT.exec(path)?.[1]
  const known = name === undefined ? KNOWN.has(path) : SUBSCRIPTED[name] !== undefined
  return known ? undefined : `field label not supported: ${name ?? path}`
}

const fieldSelector =
  (allowed: readonly string[]): Check<ObjectFieldSelector> =>
  ({ apiVersion, fieldPath }, path) => {
    if (!apiVersion) return [required(`${path}.apiVersion`)]
    if (!fieldPath) return [required(`${path}.fieldPath`)]
    const mistake = conversionMistake(apiVersion, fieldPath)
    if (mistake) return [invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${mistake}`)]
    const [, name, key] = SUBSCRIPT.exec(fieldPath) ?? []
    if (name !== undefined) return like(qualifiedName)(SUBSCRIPTED[name]!(key!), path)
    return allowed.includes(fieldPath) ? FINE : [notSupported(`${path}.fieldPath`, fieldPath, allowed)]
  }

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

const HUGE_PAGES = /^(requests|limits)\.hugepages-/

const BYTES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

interface Divisors {
  readonly of: RegExp
  readonly allowed: readonly string[]
  readonly said: string
  readonly resource: string
}

const DIVISORS: readonly Divisors[] = [
  { of: /\.cpu$/, allowed: ['1m', '1'], said: '1m and 1', resource: 'cpu' },
  { of: /\.memory$/, allowed: BYTES, said: BYTES.join(', '), resource: 'memory' },
  {
    of: /\.ephemeral-storage$/,
    allowed: BYTES,
    said: BYTES.join(', '),
    resource: 'local ephemeral storage',
  },
  { of: HUGE_PAGES, allowed: BYTES, said: BYTES.join(', '), resource: 'hugepages' },
]

const divisor: Check<ResourceFieldSelector> = ({ resource, divisor: value }, path) => {
  if (value === undefined || value === '0') return FINE
  const rule = DIVISORS.find(({ of }) => of.test(resource))
  if (!rule || rule.allowed.includes(value)) return FINE
  const said = `only divisor's values ${rule.said} are supported with the ${rule.resource} resource`
  return [invalid(`${path}.divisor`, resource, said)]
}

const resourceName =
  (inFile: boolean): Check<ResourceFieldSelector> =>
  ({ containerName, resource }, path) => {
    if (inFile && !containerName) return [required(`${path}.containerName`)]
    if (!resource) return [required(`${path}.resource`)]
    return RESOURCES.includes(resource) || HUGE_PAGES.test(resource)
      ? FINE
      : [notSupported(`${path}.resource`, resource, RESOURCES)]
  }

const resourceSelector = (inFile: boolean): Check<ResourceFieldSelector> =>
  all<ResourceFieldSelector>(resourceName(inFile), divisor)

export const fieldInFile = fieldSelector(IN_FILES)
export const resourceInFile = resourceSelector(true)

interface KeySelector {
  readonly name?: string
  readonly key: string
}

const keySelector = all<KeySelector>(
  (value, path) => like(dnsSubdomain)(value.name ?? '', `${path}.name`),
  need('key', like(configMapKey)),
)

/** A variable may come from a file in a volume that only lasts as long as the Pod. */
const fileKey = ({ volumes }: SpecContext): Check<FileKeySelector> =>
  all<FileKeySelector>(
    need('key', like(envVarName)),
    need('volumeName', like(dnsLabel)),
    need('path', localUnreservedPath),
    ({ volumeName = '' }, path) => (volumes.has(volumeName) ? FINE : [notFound(`${path}.volumeName`, volumeName)]),
  )

type Sources = readonly (readonly [name: string, check: Check<never>])[]

/** Everything that is there is checked; how many there were is counted. */
function checkSources(value: object, path: string, sources: Sources) {
  let count = 0
  let problems = FINE
  for (const [name, check] of sources) {
    const source = (value as Record<string, never>)[name]
    if (source === undefined) continue
    count++
    problems = join(problems, check(source, `${path}.${name}`))
  }
  return { count, problems }
}

const NO_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
const TWO_SOURCES = 'may not have more than one field specified at a time'

function countMistake(count: number, value: string | undefined): string | undefined {
  if (count === 0) return NO_SOURCE
  if (value) return 'may not be specified when `value` is not empty'
  return count > 1 ? TWO_SOURCES : undefined
}

const valueFrom = (context: SpecContext): Check<EnvVar> => {
  const sources: Sources = [
    ['fieldRef', fieldSelector(IN_ENV)],
    ['resourceFieldRef', resourceSelector(false)],
    ['configMapKeyRef', keySelector],
    ['secretKeyRef', keySelector],
    ['fileKeyRef', fileKey(context)],
  ]
  return ({ value, valueFrom: source }, path) => {
    if (!source) return FINE
    const { count, problems } = checkSources(source satisfies EnvVarSource, `${path}.valueFrom`, sources)
    const mistake = countMistake(count, value)
    return mistake ? [...problems, invalid(`${path}.valueFrom`, '', mistake)] : problems
  }
}

export const environment = (context: SpecContext): Check<readonly EnvVar[]> =>
  each(all<EnvVar>(need('name', like(envVarName)), valueFrom(context)))

const referenced = need<{ readonly name?: string }, 'name'>('name', (name, path) =>
  like((text) => dnsSubdomain(asPrefix(text)))(name, path),
)

const SETS: Sources = [
  ['configMapRef', referenced],
  ['secretRef', referenced],
]

/** Upstream complains about the list, not about the item. */
const envFrom =
  (listPath: string): Check<EnvFromSource> =>
  (value, path) => {
    const prefix = filled<EnvFromSource, 'prefix'>('prefix', like(envVarName))(value, path)
    const { count, problems } = checkSources(value, path, SETS)
    const found = join(prefix, problems)
    if (count === 1) return found
    const mistake = count === 0 ? 'must specify one of: `configMapRef` or `secretRef`' : TWO_SOURCES
    return [...found, invalid(listPath, '', mistake)]
  }

export const environmentFrom: Check<readonly EnvFromSource[]> = (list, path) => each(envFrom(path))(list, path)
