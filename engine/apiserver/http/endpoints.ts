/**
 * What the server answers beside its resources: whether it is well, which version it is, where its paths are, and which APIs it serves.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/server/{healthz,routes}, endpoints/discovery
 * Left out: metrics, profiling, the OpenAPI documents, the keys that sign tokens.
 */
import type { Draft } from '../../api/object.ts'
import type { Query } from './url.ts'

/** Text, or a JSON value. */
export interface PlainAnswer {
  readonly code: number
  readonly body: string | Draft
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

const TEXT = 'text/plain; charset=utf-8'

export const textAnswer = (code: number, body: string): PlainAnswer => ({ code, body, contentType: TEXT })

export const pageNotFound = (): PlainAnswer => textAnswer(404, '404 page not found\n')

const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: '',
  compiler: 'gc',
  platform: 'linux/amd64',
}

const hooks = (...names: readonly string[]): readonly string[] => names.map((name) => `poststarthook/${name}`)

const STARTED = hooks(
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
)

const OPENED = [...hooks('apiservice-openapi-controller', 'apiservice-openapiv3-controller')]

const ALIVE = ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...STARTED, 'autoregister-completion', ...OPENED]

const READY = ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...STARTED, 'autoregister-completion', ...OPENED, 'shutdown']

const CHECKS: Readonly<Record<string, readonly string[]>> = { healthz: ALIVE, livez: ALIVE, readyz: READY }

function health(path: string, query: Query): PlainAnswer | undefined {
  const [, probe = '', ...check] = path.split('/')
  const checks = CHECKS[probe]
  if (!checks) return undefined
  const name = check.join('/')
  if (name) return checks.includes(name) ? textAnswer(200, 'ok') : pageNotFound()
  if (!query.has('verbose')) return textAnswer(200, 'ok')
  return textAnswer(200, `${checks.map((one) => `[+]${one} ok\n`).join('')}${probe} check passed\n`)
}

/** The answer to a path that is no resource; undefined if there is none. */
export function endpoint(path: string, query: Query): PlainAnswer | undefined {
  if (path === '/version' || path === '/version/') return { code: 200, body: VERSION }
  return health(path, query)
}
