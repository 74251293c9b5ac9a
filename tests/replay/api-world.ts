/** The world in which a conversation with the API server takes place: a cluster that has been up for a while. */
import { handle } from '../../engine/apiserver/handle.ts'
import type { Request, User } from '../../engine/apiserver/request.ts'
import { type ApiServer, newApiServer } from '../../engine/apiserver/server.ts'
import { compact } from '../../engine/etcd/store.ts'
import { type Draw, drawing } from '../../engine/std/draw.ts'

export interface ApiWorld {
  readonly server: ApiServer
  readonly draw: Draw
  readonly tokens: (token: string) => User | undefined
  /** Lets the rest of the cluster work until an instant; absent where there is nothing but the API server. */
  readonly advance?: (world: ApiWorld, now: number) => ApiWorld
}

const ADMIN: User = { name: 'kubernetes-admin', uid: 'u0', groups: ['system:masters', 'system:authenticated'] }

const CA_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

type Wish = Pick<Request, 'resource' | 'body'> & Partial<Request>

const namespace = (name: string, labels: Readonly<Record<string, string>> = {}): Wish => ({
  resource: 'namespaces',
  body: { metadata: { name, ...(Object.keys(labels).length > 0 && { labels }) } },
  userAgent: 'recorder',
})

const inhabitants = (name: string): readonly Wish[] => [
  {
    resource: 'configmaps',
    namespace: name,
    body: {
      metadata: { name: 'kube-root-ca.crt', annotations: { 'kubernetes.io/description': CA_TEXT } },
      data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' },
    },
    userAgent: 'kube-controller-manager',
  },
  {
    resource: 'serviceaccounts',
    namespace: name,
    body: { metadata: { name: 'default' } },
    userAgent: 'kube-controller-manager',
  },
]

const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default']

/** A version from long ago that nobody remembers. */
const FORGOTTEN = 100

function asked(server: ApiServer, wishes: readonly Wish[], draw: Draw, now: number): ApiServer {
  let next = server
  for (const wish of wishes) {
    const [after, response] = handle(next, { verb: 'create', user: ADMIN, ...wish }, { now, draw })
    if (response.code >= 300) throw new Error(`cannot prepare the world: ${JSON.stringify(response.body)}`)
    next = after
  }
  return next
}

export function freshWorld(
  { namespaces, labels }: { readonly namespaces: readonly string[]; readonly labels: Readonly<Record<string, string>> },
  now: number,
): ApiWorld {
  const draw = drawing(1)
  const empty = newApiServer()
  const old = { ...empty, store: compact({ ...empty.store, revision: FORGOTTEN }, FORGOTTEN) }
  const system = SYSTEM_NAMESPACES.flatMap((name) => [namespace(name), ...inhabitants(name)])
  const own = namespaces.flatMap((name) => [namespace(name, labels), ...inhabitants(name)])
  return { server: asked(old, [...system, ...own], draw, now), draw, tokens: () => undefined }
}
