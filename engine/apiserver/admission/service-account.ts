/**
 * Every Pod acts as a service account. It is given the default one if it names none, must name one that exists, and gets the account's
 * token mounted where programs look for it.
 *
 * Upstream: plugin/pkg/admission/serviceaccount
 * Left out: mirror Pods; the rule that a Pod may only mount secrets its account lists (kubernetes.io/enforce-mountable-secrets) looks
 * at volumes only.
 */
import type { KubeObject } from '../../api/object.ts'
import type { Status } from '../../api/status.ts'
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/types.generated.ts'
import { getObject } from '../../etcd/store.ts'
import { randomSuffix } from '../../std/draw.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { forbidden } from '../refusals.ts'
import type { ApiServer, AtServer } from '../server.ts'
import type { Admission } from './admission.ts'

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const VOLUME_PREFIX = 'kube-api-access-'
const ENFORCE = 'kubernetes.io/enforce-mountable-secrets'

const SOURCES = [
  { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  {
    downwardAPI: {
      items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
    },
  },
]

const PROJECTED: NonNullable<Volume['projected']> = { sources: SOURCES, defaultMode: 420 }

const mountsToken = ({ volumeMounts = [] }: Container): boolean =>
  volumeMounts.some(({ mountPath }) => mountPath === TOKEN_PATH)

function withMount(container: Container, volume: string): Container {
  if (mountsToken(container)) return container
  const mount = { name: volume, readOnly: true, mountPath: TOKEN_PATH }
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] }
}

const withMounts = (containers: readonly Container[], volume: string): readonly Container[] =>
  containers.map((container) => withMount(container, volume))

const containersOf = (spec: PodSpec): readonly Container[] => [
  ...(spec.containers ?? []),
  ...(spec.initContainers ?? []),
]

function withToken(spec: PodSpec, volume: string): PodSpec {
  if (containersOf(spec).every(mountsToken)) return spec
  const existing = spec.volumes?.find(({ name, projected }) => name.startsWith(VOLUME_PREFIX) && projected)
  const name = existing?.name ?? volume
  return {
    ...spec,
    ...(!existing && { volumes: [...(spec.volumes ?? []), { name, projected: PROJECTED }] }),
    containers: withMounts(spec.containers, name),
    ...(spec.initContainers && { initContainers: withMounts(spec.initContainers, name) }),
  }
}

const wantsToken = (spec: PodSpec, account: ServiceAccount): boolean =>
  spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true

function unlistedSecret(spec: PodSpec, account: ServiceAccount): string | undefined {
  if (account.metadata.annotations?.[ENFORCE] !== 'true') return undefined
  const listed = (account.secrets ?? []).map(({ name }) => name)
  const names = (spec.volumes ?? []).map(({ secret }) => secret?.secretName)
  return names.find((name) => name !== undefined && !listed.includes(name))
}

const SECRET_REFUSED = (secret: string, account: string): string =>
  `volume with secret.secretName="${secret}" is not allowed because service account ${account} does not reference that secret`

function acting(exchange: Exchange, account: ServiceAccount, server: ApiServer, at: AtServer): Exchange {
  const pod = exchange.object as Pod
  const { name } = account.metadata
  const spec: PodSpec = {
    ...pod.spec!,
    serviceAccountName: name,
    serviceAccount: name,
    ...(!pod.spec!.imagePullSecrets?.length &&
      account.imagePullSecrets && { imagePullSecrets: account.imagePullSecrets }),
  }
  if (!wantsToken(spec, account)) return { ...exchange, object: { ...pod, spec } as KubeObject }
  const { namespace = '', name: podName = '', generateName = '' } = pod.metadata
  const volume =
    VOLUME_PREFIX + randomSuffix(at.draw, VOLUME_PREFIX, namespace, podName || generateName, at.now, server.ordinal)
  return { ...exchange, object: { ...pod, spec: withToken(spec, volume) } as KubeObject }
}

const mutate: Stage = (exchange, server, at): Exchange | Status => {
  const { spec } = exchange.object as Pod
  const { namespace = '' } = exchange.request
  const name = spec?.serviceAccountName || 'default'
  const refuse = (why: string) => forbidden(exchange.resource, exchange.object!.metadata.name ?? '', why)
  const account = getObject(exchange.store, 'serviceaccounts', `${namespace}/${name}`) as ServiceAccount | undefined
  if (!spec || !account)
    return refuse(`error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`)
  const secret = unlistedSecret(spec, account)
  return secret ? refuse(SECRET_REFUSED(secret, name)) : acting(exchange, account, server, at)
}

export const serviceAccount: Admission = {
  name: 'ServiceAccount',
  operations: ['create'],
  resources: ['pods'],
  mutate,
}
