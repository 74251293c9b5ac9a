/**
 * Lists what is there, whole or in pages, as of now or as of a version that somebody remembers. An old version is rebuilt from the
 * history by undoing what came after; beyond the history the answer is 410, and the client begins again.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/storage/{etcd3/store.go,cacher}, apis/meta/internalversion/validation
 */
import { type KubeObject, keyFor } from '../../api/object.ts'
import type { Problem } from '../../api/problem.ts'
import { isStatus, type Status } from '../../api/status.ts'
import { forbidden, notSupported } from '../../api/validate/problems.ts'
import { changesSince, collectionOf, pageOfObjects, type Store } from '../../etcd/store.ts'
import { deleteSorted, setSorted, sortedSize } from '../../std/sorted.ts'
import { continueToken, readContinueToken } from '../continue-token.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { badRequest, futureVersion, gone, invalid } from '../refusals.ts'
import type { ObjectList, Options } from '../request.ts'
import { apiVersionOf, storedName } from '../resources.ts'
import { isSelected, type Selection, selectionOf, selectsAll } from '../selection.ts'

const TOO_OLD = 'The resourceVersion for the provided list is too old.'

const MATCHES = ['Exact', 'NotOlderThan']

function matchProblems({
  resourceVersion = '',
  resourceVersionMatch = '',
  continue: token,
}: Options): readonly Problem[] {
  const field = 'resourceVersionMatch'
  if (!resourceVersionMatch) return []
  const problems: Problem[] = []
  if (!resourceVersion) problems.push(forbidden(field, `${field} is forbidden unless resourceVersion is provided`))
  if (token) problems.push(forbidden(field, `${field} is forbidden when continue is provided`))
  if (!MATCHES.includes(resourceVersionMatch))
    problems.push(notSupported(field, resourceVersionMatch, [...MATCHES, '']))
  if (resourceVersionMatch === 'Exact' && resourceVersion === '0')
    problems.push(forbidden(field, `${field} "exact" is forbidden for resourceVersion "0"`))
  return problems
}

const initialEventsProblems = ({ sendInitialEvents }: Options): readonly Problem[] =>
  sendInitialEvents === undefined ? [] : [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]

export const checkListOptions: Stage = (exchange) => {
  const options = exchange.request.options ?? {}
  const problems = [...matchProblems(options), ...initialEventsProblems(options)]
  return problems.length > 0 ? invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', problems) : exchange
}

const VERSION = /^\d+$/

export const versionMistake = (version: string): string =>
  `resourceVersion: Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`

/** The store as far as this resource goes, as it was at an earlier revision. */
function storeAt(store: Store, name: string, revision: number): Store | undefined {
  if (revision >= store.revision) return store
  const changes = changesSince(store, revision)
  if (!changes) return undefined
  let { objects } = collectionOf(store, name)
  for (const { resource, key, before } of changes.toReversed())
    if (resource === name) objects = before ? setSorted(objects, key, before) : deleteSorted(objects, key)
  return { ...store, revision, collections: setSorted(store.collections, name, { objects, indexes: {} }) }
}

/** Where a list begins, and in which store. */
interface Start {
  readonly store: Store
  readonly from?: string
  /** At most so many; all when absent. */
  readonly limit?: number
}

const isExact = ({ resourceVersion, resourceVersionMatch }: Options, limit: number): boolean =>
  resourceVersionMatch === 'Exact' || (!resourceVersionMatch && limit > 0 && resourceVersion !== undefined)

function startOf(exchange: Exchange, options: Options): Start | Status {
  const limit = Math.max(options.limit ?? 0, 0)
  const paged = limit > 0 ? { limit } : {}
  const version = options.resourceVersion ?? ''
  if (options.continue) return continued(exchange, options, options.continue, paged)
  if (version === '') return { store: exchange.store, ...paged }
  if (!VERSION.test(version)) return badRequest(`invalid resource version: ${versionMistake(version)}`)
  if (version === '0') return { store: exchange.store }
  if (Number(version) > exchange.store.revision) return futureVersion(version, exchange.store.revision)
  if (!isExact(options, limit)) return { store: exchange.store, ...paged }
  const store = storeAt(exchange.store, storedName(exchange.resource.name), Number(version))
  return store ? { store, ...paged } : gone(TOO_OLD)
}

const INCONSISTENT =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.'

function continued(
  exchange: Exchange,
  options: Options,
  text: string,
  paged: { readonly limit?: number },
): Start | Status {
  const version = options.resourceVersion ?? ''
  if (version !== '' && version !== '0')
    return badRequest('specifying resource version is not allowed when using continue')
  const token = readContinueToken(text)
  if ('mistake' in token) return badRequest(`invalid continue token: ${token.mistake}`)
  const from = exchange.request.namespace ? `${exchange.request.namespace}/${token.start}` : token.start
  if (token.version < 0) return { store: exchange.store, from, ...paged }
  if (token.version > exchange.store.revision) return futureVersion(String(token.version), exchange.store.revision)
  const store = storeAt(exchange.store, storedName(exchange.resource.name), token.version)
  if (store) return { store, from, ...paged }
  return { ...gone(INCONSISTENT), metadata: { continue: continueToken({ version: -1, start: token.start }) } }
}

interface Found {
  readonly objects: readonly KubeObject[]
  readonly metadata: ObjectList['metadata']
}

/** How many there are from a key on; only known when nothing was selected away. */
function countFrom(exchange: Exchange, store: Store, from: string): number {
  const { namespace } = exchange.request
  const name = storedName(exchange.resource.name)
  const page = pageOfObjects(
    store,
    name,
    { namespace, from },
    sortedSize(collectionOf(store, name).objects),
    () => true,
  )
  return page.objects.length
}

function found(exchange: Exchange, { store, from, limit }: Start, selection: Selection): Found {
  const { resource, request } = exchange
  const keep = (object: KubeObject) => isNamed(exchange, object) && isSelected(selection, resource, object)
  const range = { namespace: request.namespace, from }
  const page = pageOfObjects(store, storedName(resource.name), range, limit ?? Number.MAX_SAFE_INTEGER, keep)
  const resourceVersion = String(store.revision)
  if (page.next === undefined) return { objects: page.objects, metadata: { resourceVersion } }
  const last = page.objects.at(-1)!
  const start = `${keyFor(request.namespace ? undefined : last.metadata.namespace, last.metadata.name)}\u0000`
  const token = continueToken({ version: store.revision, start })
  const remaining = selectsAll(selection) ? { remainingItemCount: countFrom(exchange, store, page.next) } : {}
  return { objects: page.objects, metadata: { resourceVersion, continue: token, ...remaining } }
}

const isNamed = ({ request }: Exchange, { metadata }: KubeObject): boolean =>
  request.name === undefined || metadata.name === request.name

/** Lists, and leaves the list as the response. */
export const list: Stage = (exchange) => {
  const options = exchange.request.options ?? {}
  const selection = selectionOf(options, exchange.resource)
  if (isStatus(selection)) return selection
  const start = startOf(exchange, options)
  if (isStatus(start)) return start
  const { objects, metadata } = found(exchange, start, selection)
  const { kind } = exchange.resource
  const body: ObjectList = { apiVersion: apiVersionOf(exchange.served), kind: `${kind}List`, metadata, items: objects }
  return { ...exchange, response: { code: 200, body } }
}
