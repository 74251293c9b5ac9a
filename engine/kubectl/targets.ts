/**
 * Which objects a command line speaks of: `pods web`, `deploy/web svc/web`, `-f app.yaml`, `pods -l app=web`, `--all`. One
 * place decides it for every verb, with the same words when it cannot be told.
 *
 * Upstream: staging/src/k8s.io/cli-runtime/pkg/resource/builder.go
 */
import { goQuote } from '../std/go-text.ts'
import { type TreeMap, treeAt, withTreeAt } from '../std/tree.ts'
import { categoryOf, pathOf, type Resource, resourceFor, resourceForKind } from './discovery.ts'
import type { Flags } from './flags.ts'
import { connectionOf } from './kubeconfig.ts'
import { buildKustomization } from './kustomize.ts'
import { type Manifest, type Mapper, readManifests } from './manifests.ts'
import { isNotFound, isRefusal, messageOf, type Refusal, refuse, severalRefusals, withContext } from './refusal.ts'
import { ask, type Question, type Session } from './session.ts'

/** One object a command is about. From a file it has a source, and perhaps no resource when nobody was asked. */
export interface Target {
  readonly resource: Resource
  readonly name: string
  /** Empty for what lives in no namespace. */
  readonly namespace: string
  /** The file it came from; empty when it was named. */
  readonly source: string
  readonly object: TreeMap
}

/** All objects of some types, perhaps only those that a selector picks. */
export interface Listing {
  readonly resource: Resource
  /** Undefined: in every namespace. */
  readonly namespace: string | undefined
  readonly labelSelector: string
  readonly fieldSelector: string
}

export type Plan =
  | {
      readonly is: 'targets'
      readonly targets: readonly Target[]
      readonly refusals: readonly Refusal[]
      readonly single: boolean
      readonly fromFiles: boolean
    }
  | { readonly is: 'listings'; readonly listings: readonly Listing[] }

export interface TargetOptions {
  readonly args: readonly string[]
  readonly filenames?: readonly string[]
  readonly kustomize?: string
  readonly recursive?: boolean
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly all?: boolean
  readonly allNamespaces?: boolean
  /** `kubectl get pods` means all of them; `kubectl delete pods` nothing yet. */
  readonly typeMeansAll?: boolean
  /** Arguments without a type are of this one: `kubectl logs web` is about a Pod. */
  readonly defaultType?: string
  /** Nothing may be asked of a server. */
  readonly local?: boolean
  readonly check?: Mapper
  /** What to say when more than single objects are asked for. */
  readonly bulkProblem?: string
}

const MISSING = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`

const MISSING_LOCAL = `you must specify resources by --filename when --local is set.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'`

const NO_SEPARATE_TYPE =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'"

export const FILENAME_FLAGS = (help: string): Flags => ({
  filename: { kind: 'stringSlice', short: 'f', help },
  kustomize: {
    kind: 'string',
    short: 'k',
    help: 'A directory with a kustomization to build; not together with -f or -R.',
  },
  recursive: { kind: 'bool', short: 'R', help: 'Read the directories of -f with all that is below them.' },
})

/** The arguments, sorted into types, names and pairs of both. */
interface Words {
  readonly types: readonly string[]
  readonly names: readonly string[]
  readonly pairs: readonly (readonly [type: string, name: string])[]
}

function pairOf(word: string): readonly [string, string] | Refusal {
  const parts = word.split('/')
  if (parts.length > 2) return refuse('arguments in resource/name form may not have more than one slash')
  const [type = '', name = ''] = parts
  if (!type || !name) return refuse('arguments in resource/name form must have a single resource and name')
  return [type, name]
}

function pairsOf(words: readonly string[]): Words | Refusal {
  const pairs: (readonly [string, string])[] = []
  for (const word of words) {
    const pair = pairOf(word)
    if (isRefusal(pair)) return pair
    pairs.push(pair)
  }
  return { types: [], names: [], pairs }
}

const splitTypes = (word: string): readonly string[] => word.split(',').filter((type) => type !== '')

function expandCategories(session: Session, word: string): readonly string[] {
  const types = splitTypes(word).flatMap((type) => {
    const members = categoryOf(session, type)
    return members === undefined || isRefusal(members) ? [type] : members
  })
  return [...new Set(types)]
}

function sortWords(session: Session, args: readonly string[], { defaultType }: TargetOptions): Words | Refusal {
  if (args.length === 0) return { types: [], names: [], pairs: [] }
  const slashed = args.filter((word) => word.includes('/')).length
  if (defaultType !== undefined) return sortNames(args, defaultType)
  const multiple = args.length >= 2 && slashed === 0 ? splitTypes(args[0]!) : []
  if (multiple.length > 1) return pairsOf(multiple.flatMap((type) => args.slice(1).map((name) => `${type}/${name}`)))
  if (slashed === args.length) return pairsOf(args)
  if (slashed > 0) return refuse(NO_SEPARATE_TYPE)
  return { types: expandCategories(session, args[0]!), names: args.slice(1), pairs: [] }
}

/** `web`, `deploy/web`: names of the default type unless they say otherwise. */
function sortNames(args: readonly string[], defaultType: string): Words | Refusal {
  return pairsOf(args.map((word) => (word.includes('/') ? word : `${defaultType}/${word}`)))
}

const withPaths = (what: string): Refusal =>
  refuse(`when paths, URLs, or stdin is provided as input, you may not specify ${what} as well`)

const hasSelector = (options: TargetOptions): boolean => Boolean(options.labelSelector || options.fieldSelector)

/** Decides what a command line is about, asking the server only for the kinds it serves. */
export function planTargets(session: Session, options: TargetOptions): Plan | Refusal {
  const filenames = options.filenames ?? []
  const fromFiles = filenames.length > 0 || Boolean(options.kustomize)
  if (options.local && !fromFiles && options.args.length >= 0) return refuse(MISSING_LOCAL)
  const words = sortWords(session, options.args, options)
  if (isRefusal(words)) return words
  if (options.all && hasSelector(options)) return refuse("setting 'all' parameter but found a non empty selector. ")
  if (fromFiles) return planFiles(session, options, words)
  const selects =
    hasSelector(options) || options.all || (options.typeMeansAll && words.types.length > 0 && words.names.length === 0)
  if (selects && options.bulkProblem) return refuse(options.bulkProblem)
  if (selects) return planListings(session, options, words)
  return planNamed(session, options, words)
}

function planListings(session: Session, options: TargetOptions, words: Words): Plan | Refusal {
  if (words.names.length > 0) return refuse('name cannot be provided when a selector is specified')
  if (words.pairs.length > 0)
    return refuse('selectors and the all flag cannot be used when passing resource/name arguments')
  if (words.types.length === 0) return refuse('at least one resource must be specified to use a selector')
  const connection = connectionOf(session.client, session.flags)
  const listings: Listing[] = []
  for (const type of words.types) {
    const resource = resourceFor(session, type)
    if (isRefusal(resource)) return resource
    if (isRefusal(connection)) return connection
    listings.push({
      resource,
      namespace: options.allNamespaces || !resource.namespaced ? undefined : connection.namespace,
      labelSelector: options.labelSelector ?? '',
      fieldSelector: options.fieldSelector ?? '',
    })
  }
  return { is: 'listings', listings }
}

function planNamed(session: Session, options: TargetOptions, words: Words): Plan | Refusal {
  const pairs = [...words.pairs, ...words.names.map((name) => [words.types[0]!, name] as const)]
  if (pairs.length === 0) {
    if (words.types.length === 0) return refuse(MISSING)
    for (const type of words.types) {
      const resource = resourceFor(session, type)
      if (isRefusal(resource)) return resource
    }
    return refuse('resource(s) were provided, but no name was specified')
  }
  const connection = connectionOf(session.client, session.flags)
  const targets: Target[] = []
  for (const [type, name] of pairs) {
    const resource = resourceFor(session, type)
    if (isRefusal(resource)) return resource
    if (isRefusal(connection)) return connection
    if (options.allNamespaces && resource.namespaced)
      return refuse('a resource cannot be retrieved by name across all namespaces')
    targets.push({ resource, name, namespace: resource.namespaced ? connection.namespace : '', source: '', object: {} })
  }
  return { is: 'targets', targets, refusals: [], single: pairs.length === 1, fromFiles: false }
}

function planFiles(session: Session, options: TargetOptions, words: Words): Plan | Refusal {
  if (words.types.length > 0) return withPaths('resource arguments')
  if (words.names.length > 0 || words.pairs.length > 0) return withPaths('a resource by arguments')
  const filenames = options.filenames ?? []
  const read = options.kustomize
    ? buildKustomization(session.client, options.kustomize)
    : readManifests(session.client, filenames, {
        recursive: options.recursive ?? false,
        ...(options.check && { check: options.check }),
      })
  if (isRefusal(read)) return read
  const targets: Target[] = []
  const refusals: Refusal[] = [...read.refusals]
  for (const manifest of read.manifests) {
    const target = options.local ? localTarget(manifest) : mapManifest(session, manifest)
    if (isRefusal(target)) refusals.push(target)
    else targets.push(target)
  }
  const onlyOne = filenames.length === 1 && targets.length === 1
  return { is: 'targets', targets, refusals, single: onlyOne, fromFiles: true }
}

const textAt = (object: TreeMap, ...path: string[]): string => {
  const value = treeAt(object, ...path)
  return typeof value === 'string' ? value : ''
}

/** What can be told of a kind without a server: its name in lower case. */
export function guessResource(object: TreeMap): Resource {
  const apiVersion = textAt(object, 'apiVersion')
  const slash = apiVersion.indexOf('/')
  const kind = textAt(object, 'kind')
  const singular = kind.toLowerCase()
  const plural = /(s|x|ch)$/.test(singular)
    ? `${singular}es`
    : singular.endsWith('y')
      ? `${singular.slice(0, -1)}ies`
      : `${singular}s`
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    plural,
    singular,
    kind,
    namespaced: true,
    shortNames: [],
    categories: [],
    verbs: [],
    subresources: [],
  }
}

const localTarget = ({ object, source }: Manifest): Target => ({
  resource: guessResource(object),
  name: textAt(object, 'metadata', 'name'),
  namespace: textAt(object, 'metadata', 'namespace'),
  source,
  object,
})

function mapManifest(session: Session, { object, source }: Manifest): Target | Refusal {
  const apiVersion = textAt(object, 'apiVersion')
  const kind = textAt(object, 'kind')
  const name = textAt(object, 'metadata', 'name')
  const named = textAt(object, 'metadata', 'namespace')
  const resource = resourceForKind(session, apiVersion, kind)
  if (isRefusal(resource)) return unrecognized(session, resource, source)
  if (!resource)
    return refuse(
      `resource mapping not found for name: ${goQuote(name)} namespace: ${goQuote(named)} from ${goQuote(source)}: no matches for kind ${goQuote(kind)} in version ${goQuote(apiVersion)}\nensure CRDs are installed first`,
    )
  const connection = connectionOf(session.client, session.flags)
  if (isRefusal(connection)) return connection
  if (!resource.namespaced) return { resource, name, namespace: '', source, object }
  if (named && session.flags.given('namespace') && named !== connection.namespace)
    return refuse(
      `the namespace from the provided object ${goQuote(named)} does not match the namespace ${goQuote(connection.namespace)}. You must pass '--namespace=${named}' to perform this operation.`,
    )
  const namespace = named || connection.namespace
  return {
    resource,
    name,
    namespace,
    source,
    object: withTreeAt(object, ['metadata', 'namespace'], namespace) as TreeMap,
  }
}

const unrecognized = (_session: Session, refusal: Refusal, source: string): Refusal =>
  refusal.by === 'network' ? refuse(`unable to recognize ${goQuote(source)}: ${messageOf(refusal)}`) : refusal

// ---- asking the server ---------------------------------------------------------------------------

export const targetPath = ({ resource, namespace, name }: Target, subresource?: string): string =>
  pathOf(resource, namespace || undefined, name, subresource)

/** The object as it is now. When it is not there, perhaps its namespace is not either, which says more. */
export function getTarget(
  session: Session,
  target: Target,
  question: Partial<Question> = {},
  subresource?: string,
): TreeMap | Refusal {
  if (target.name === '') return refuse('resource name may not be empty')
  const object = ask(session, { method: 'GET', path: targetPath(target, subresource), ...question })
  const { namespace } = target
  if (!isRefusal(object) || !isNotFound(object) || namespace === '' || namespace === 'default') return object
  const home = ask(session, { method: 'GET', path: `/api/v1/namespaces/${namespace}`, ...question })
  return isRefusal(home) && isNotFound(home) ? home : object
}

export const CHUNK = '500'

/** All pages of a list. */
export function getListing(
  session: Session,
  listing: Listing,
  question: Partial<Question> = {},
  limit?: string,
): TreeMap | Refusal {
  const query = {
    ...(listing.fieldSelector && { fieldSelector: listing.fieldSelector }),
    ...(listing.labelSelector && { labelSelector: listing.labelSelector }),
    ...(limit && { limit }),
  }
  let whole: TreeMap | undefined
  for (let next: string | undefined; ; ) {
    const page = ask(session, {
      method: 'GET',
      path: pathOf(listing.resource, listing.namespace),
      ...question,
      query: { ...(next && { continue: next }), ...query, ...question.query },
    })
    if (isRefusal(page)) return listRefusal(page, listing)
    whole = whole ? joinPages(whole, page) : page
    next = textAt(page, 'metadata', 'continue') || undefined
    if (next === undefined) return whole
  }
}

/** A refused list says of what. */
function listRefusal(refusal: Refusal, { resource, labelSelector, fieldSelector }: Listing): Refusal {
  if (refusal.by !== 'server' || (refusal.status.reason !== 'NotFound' && refusal.status.reason !== 'BadRequest'))
    return refusal
  const { group, version, plural } = resource
  const name = goQuote(`${group ? `${group}/` : '/'}${version}, Resource=${plural}`)
  if (!labelSelector && !fieldSelector) return withContext(refusal, `Unable to list ${name}: `)
  return withContext(
    refusal,
    `Unable to find ${name} that match label selector ${goQuote(labelSelector)}, field selector ${goQuote(fieldSelector)}: `,
  )
}

const joinPages = (whole: TreeMap, page: TreeMap): TreeMap => {
  const part = 'rows' in whole ? 'rows' : 'items'
  const items = [
    ...((whole[part] as readonly TreeMap[] | null) ?? []),
    ...((page[part] as readonly TreeMap[] | null) ?? []),
  ]
  return { ...whole, metadata: page.metadata!, [part]: items }
}

/** The objects of a list, each with its apiVersion and kind. */
export function itemsOf(list: TreeMap, resource: Resource): readonly TreeMap[] {
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version
  const items = (list.items as readonly TreeMap[] | null | undefined) ?? []
  return items.map((item) => ({ apiVersion, kind: resource.kind, ...item }))
}

export const targetOf = (resource: Resource, object: TreeMap, source = ''): Target => ({
  resource,
  name: textAt(object, 'metadata', 'name'),
  namespace: textAt(object, 'metadata', 'namespace'),
  source,
  object,
})

export interface Found {
  readonly targets: readonly Target[]
  readonly refusals: readonly Refusal[]
  readonly single: boolean
}

/** The objects themselves: named ones are fetched, lists are taken apart. Files stay as written unless `latest`. */
export function findObjects(
  session: Session,
  options: TargetOptions & {
    readonly latest?: boolean
    readonly question?: Partial<Question>
    readonly limit?: string | undefined
  },
): Found | Refusal {
  const plan = planTargets(session, options)
  if (isRefusal(plan)) return plan
  const targets: Target[] = []
  const refusals: Refusal[] = plan.is === 'targets' ? [...plan.refusals] : []
  if (plan.is === 'listings') {
    for (const listing of plan.listings) {
      const list = getListing(session, listing, options.question, options.limit)
      if (isRefusal(list)) refusals.push(list)
      else targets.push(...itemsOf(list, listing.resource).map((object) => targetOf(listing.resource, object)))
    }
    return { targets, refusals, single: false }
  }
  for (const target of plan.targets) {
    const object = plan.fromFiles && !options.latest ? target.object : getTarget(session, target, options.question)
    if (isRefusal(object)) refusals.push(object)
    else targets.push({ ...target, object })
  }
  return { targets, refusals, single: plan.single }
}

export interface FindChoices {
  /** What is on the server, though files say more. */
  readonly latest?: boolean
  readonly question?: Partial<Question>
  readonly limit?: string | undefined
  /** Nothing is asked at all. */
  readonly local?: boolean
}

/** Goes to one object after another: each is acted upon before the next is asked for. */
export function visitObjects(
  session: Session,
  plan: Plan,
  choices: FindChoices,
  visit: (target: Target) => Refusal | undefined,
): readonly Refusal[] {
  const refusals: Refusal[] = plan.is === 'targets' ? [...plan.refusals] : []
  const note = (refusal: Refusal | undefined): void => void (refusal && refusals.push(refusal))
  for (const listing of plan.is === 'listings' ? plan.listings : []) {
    const list = getListing(session, listing, choices.question, choices.limit)
    if (isRefusal(list)) note(list)
    else for (const object of itemsOf(list, listing.resource)) note(visit(targetOf(listing.resource, object)))
  }
  for (const target of plan.is === 'targets' ? plan.targets : []) {
    const asks = choices.latest || (plan.is === 'targets' && !plan.fromFiles)
    const object = asks && !choices.local ? getTarget(session, target, choices.question) : target.object
    note(isRefusal(object) ? object : visit({ ...target, object }))
  }
  return refusals
}

/** The end of a command that went on after refusals. */
export const endWith = (refusals: readonly Refusal[]): Refusal | undefined => severalRefusals(refusals)

/** The namespace a command works in. */
export function namespaceOf(session: Session): string {
  const connection = connectionOf(session.client, session.flags)
  return isRefusal(connection) ? session.flags.text('namespace') || 'default' : connection.namespace
}

export const nameAt = (object: TreeMap): string => textAt(object, 'metadata', 'name')
