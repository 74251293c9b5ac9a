/** The control plane of the recorded sessions: our world without machines, three fake nodes, and who may speak to it. */
import { JSON_FORM } from '../../../engine/apiserver/http/accept.ts'
import { representEvent } from '../../../engine/apiserver/http/represent-event.ts'
import type { HttpResponse as Served } from '../../../engine/apiserver/http/serve-http.ts'
import type { User } from '../../../engine/apiserver/request.ts'
import { nextEvents } from '../../../engine/apiserver/watch.ts'
import { answerHttp } from '../../../engine/cluster/front-door.ts'
import { newCluster } from '../../../engine/cluster/presets/cluster.ts'
import { step } from '../../../engine/cluster/run.ts'
import { storeOf, type World } from '../../../engine/cluster/world.ts'
import { listObjects } from '../../../engine/etcd/store.ts'
import type { HttpRequest, HttpResponse } from '../../../engine/kubectl/client.ts'
import { encodeQuery } from '../../../engine/kubectl/session.ts'
import { nextDue } from '../../../engine/std/agenda.ts'
import { EPOCH } from '../../../engine/std/time.ts'
import { type Ask, Fakelet, type FakePod } from './fakelet.ts'

const user = (name: string, uid: string, ...groups: string[]): User => ({
  name,
  uid,
  groups: [...groups, 'system:authenticated'],
})

const USERS: Readonly<Record<string, User>> = {
  'kubernetes-admin': user('kubernetes-admin', 'u0', 'system:masters'),
  alice: user('alice', 'u1', 'dev'),
  bob: user('bob', 'u2'),
}

export const KUBECONFIG = `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: https://172.18.0.2:6443
  name: kubernetes
contexts:
${['kubernetes-admin', 'alice', 'bob'].map((name) => `- context:\n    cluster: kubernetes\n    user: ${name}\n  name: ${name}@kubernetes\n`).join('')}current-context: kubernetes-admin@kubernetes
users:
${['kubernetes-admin', 'alice', 'bob'].map((name) => `- name: ${name}\n  user:\n    token: ${name}\n`).join('')}`

interface Due {
  readonly at: number
  readonly what: () => void
}

export class ControlPlane {
  world: World = newCluster({ machines: [], addons: false })
  #dues: Due[] = []
  #revision = 0
  readonly #fakelet: Fakelet

  constructor() {
    this.#fakelet = new Fakelet({
      nowUnix: () => EPOCH + this.world.now,
      later: (delay, what) => void this.#dues.push({ at: this.world.now + delay, what }),
      ask: (ask) => this.#ask(ask),
      pod: () => undefined,
    })
    this.advance(2000)
    for (const number of [1, 2, 3]) this.#fakelet.register(`node-${number}`, number + 10)
    this.advance(this.world.now + 30_000)
  }

  #ask({ method, path, contentType, body, agent }: Ask): void {
    const headers = { 'content-type': contentType, accept: 'application/json', 'user-agent': agent }
    this.#serve({ method, path, headers, body: JSON.stringify(body) }, USERS['kubernetes-admin']!)
  }

  #serve(
    request: { method: string; path: string; headers: Record<string, string>; body: string },
    user: User | undefined,
  ): Served {
    const [world, response] = answerHttp(this.world, { type: 'http/arrived', request, ...(user && { user }) })
    this.world = world
    return response
  }

  /** Lets the cluster and its nodes work until an instant. */
  advance(until: number): void {
    for (;;) {
      this.#look()
      const world = nextDue(this.world.agenda) ?? Number.POSITIVE_INFINITY
      const node = this.#dues.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)
      if (Math.min(world, node) > until) break
      if (world <= node) this.world = step(this.world)
      else this.#act(node)
    }
    if (this.world.now < until) this.world = { ...this.world, now: until }
  }

  #act(at: number): void {
    const index = this.#dues.findIndex((due) => due.at === at)
    const [due] = this.#dues.splice(index, 1)
    if (this.world.now < at) this.world = { ...this.world, now: at }
    due!.what()
  }

  #look(): void {
    const { revision } = storeOf(this.world)
    if (revision === this.#revision) return
    this.#revision = revision
    this.#fakelet.look(listObjects(storeOf(this.world), 'pods') as unknown as readonly FakePod[])
  }

  /** Until nothing has changed in a namespace for 1.4 seconds; half a minute at most. */
  settle(): void {
    let quietSince = this.world.now
    const end = this.world.now + 30_000
    const state = (): string => this.#objects()
    let last = state()
    while (this.world.now < end && this.world.now - quietSince < 1400) {
      this.advance(this.world.now + 100)
      const next = state()
      if (next !== last) quietSince = this.world.now
      last = next
    }
  }

  #objects(): string {
    const { store } = this.world.server
    return ['pods', 'deployments.apps', 'replicasets.apps', 'services', 'endpointslices.discovery.k8s.io', 'events']
      .flatMap((resource) => listObjects(store, resource as never).map(({ metadata }) => metadata.resourceVersion))
      .join()
  }

  /** What kubectl sends, answered at once. */
  readonly send = (request: HttpRequest): HttpResponse => {
    const { credentials, query = {}, headers = {} } = request
    const base = USERS[credentials.token ?? '']
    const served = this.#serve(
      {
        method: request.method,
        path: request.path + encodeQuery(query),
        headers: {
          accept: JSON_FORM.mediaType,
          ...headers,
          ...(!base && { authorization: `Bearer ${credentials.token}` }),
        },
        body: request.body === undefined ? '' : JSON.stringify(request.body),
      },
      base,
    )
    return this.#answer(served)
  }

  #answer(served: Served): HttpResponse {
    const headers = Object.fromEntries(
      Object.entries(served.headers).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]),
    )
    const warnings = [served.headers.Warning ?? []]
      .flat()
      .map((text) => JSON.parse(text.slice(text.indexOf('"'))) as string)
    const said = { code: served.code, headers, warnings }
    if (!served.watch) return { ...said, body: served.body }
    const { watch, form, include } = served.watch
    const [, events] = nextEvents(watch, this.world.server.store, this.world.now)
    return {
      ...said,
      body: { events: events.map((event) => representEvent(event, watch, form, this.world.now, include)) },
    }
  }
}
