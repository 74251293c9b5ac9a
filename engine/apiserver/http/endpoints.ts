/**
 * What the server answers beside its resources: whether it is well, which version it is, where its paths are, and which APIs it serves.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/server/{healthz,routes}, endpoints/discovery
 * Left out: metrics, profiling, /openapi/v2, the keys that sign tokens.
 */
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiPaths,
  apiResourceList,
  apiVersions,
  serverVersion,
} from '../../api/discovery.ts'
import type { Draft } from '../../api/object.ts'
import { openapiDocument, openapiIndex } from '../../api/openapi.ts'
import type { AtServer } from '../server.ts'
import { notAcceptable, wantsAggregated } from './accept.ts'
import { JSON_TYPE, YAML_TYPE } from './body.ts'
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

const READY = [
  'ping',
  'log',
  'etcd',
  'etcd-readiness',
  'informer-sync',
  ...STARTED,
  'autoregister-completion',
  ...OPENED,
  'shutdown',
]

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

/** Where this server is reached. */
const SERVER_ADDRESS = '172.18.0.2:6443'

const ISSUER = 'https://kubernetes.default.svc.cluster.local'

const openIdConfiguration = (): PlainAnswer => ({
  code: 200,
  headers: { 'Cache-Control': 'public, max-age=3600' },
  body: {
    issuer: ISSUER,
    jwks_uri: `https://${SERVER_ADDRESS}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  },
})

const checkPaths = (probe: string): readonly string[] => [
  `/${probe}`,
  ...CHECKS[probe]!.map((name) => `/${probe}/${name}`),
]

const OTHER_PATHS = [
  '/.well-known/openid-configuration',
  '/flagz',
  '/metrics',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/statusz',
  '/version',
]

const rootPaths = (): Draft => ({
  paths: [...apiPaths(), ...Object.keys(CHECKS).flatMap(checkPaths), ...OTHER_PATHS].sort(),
})

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

const etag = (at: AtServer): string =>
  Math.floor(at.draw('discovery') * 2 ** 40)
    .toString(16)
    .toUpperCase()

const aggregated = (root: '/api' | '/apis', at: AtServer): PlainAnswer => ({
  code: 200,
  contentType: AGGREGATED_TYPE,
  headers: { 'Cache-Control': 'public', Vary: 'Accept', Etag: JSON.stringify(etag(at)) },
  body: aggregatedDiscovery(root),
})

const found = (body: Draft | undefined): PlainAnswer | undefined => body && { code: 200, body }

const groupOrVersion = ([group = '', version]: readonly string[]): PlainAnswer | undefined =>
  found(version === undefined ? apiGroup(group) : apiResourceList(group, version))

function openapi([, , ...rest]: readonly string[]): PlainAnswer | undefined {
  const [root, first = '', second = ''] = rest
  if (root === undefined) return { ...textAnswer(200, ''), body: openapiIndex() }
  return found(root === 'api' ? openapiDocument('', first) : openapiDocument(first, second))
}

/** Pages for people, who must say that they want text. */
function onlyText(accept: string | undefined): PlainAnswer {
  if (accept?.includes('text/plain')) return textAnswer(200, 'not modelled\n')
  const refusal = notAcceptable([JSON_TYPE, YAML_TYPE, 'text/plain'])
  return { code: 406, body: refusal as unknown as Draft }
}

const MOVED: PlainAnswer = {
  code: 302,
  contentType: 'text/html; charset=utf-8',
  headers: { Location: '/debug/pprof/' },
  body: '<a href="/debug/pprof/">Found</a>.\n\n',
}

/** The answer to a path that is no resource; undefined if there is none. */
export function endpoint(
  path: string,
  query: Query,
  accept: string | undefined,
  at: AtServer,
): PlainAnswer | undefined {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const [root = '', ...rest] = trimmed.split('/').slice(1)
  if (trimmed === '/') return found(rootPaths())
  if (path === '/debug/pprof') return MOVED
  if (trimmed === '/version') return found(serverVersion())
  if (trimmed === '/.well-known/openid-configuration') return openIdConfiguration()
  if (trimmed === '/openapi/v3' || trimmed.startsWith('/openapi/v3/')) return openapi([root, ...rest])
  if ((trimmed === '/api' || trimmed === '/apis') && wantsAggregated(accept)) return aggregated(trimmed, at)
  if (trimmed === '/api') return found(apiVersions(SERVER_ADDRESS))
  if (trimmed === '/apis') return found(apiGroupList())
  if (root === 'api' && rest.length === 1) return found(apiResourceList('', rest[0]!))
  if (root === 'apis' && rest.length < 3) return groupOrVersion(rest)
  if (trimmed === '/flagz' || trimmed === '/statusz') return onlyText(accept)
  return health(trimmed, query)
}
