/**
 * `kubectl wait`: until an object is as it should be, or gone, or there at all.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/wait
 */
import { goQuote } from '../../std/go-text.ts'
import { goValue } from '../../std/go-value.ts'
import { findResults, isProblem, type JsonPath, parseJsonPath, relaxedJsonPath } from '../../std/jsonpath.ts'
import type { Millis } from '../../std/time.ts'
import { isList, isMap, type TreeMap, treeAt } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { listAt, textAt } from '../describe/text.ts'
import { ALL_FLAG, ALL_NAMESPACES_FLAG, FIELD_SELECTOR_FLAG, LOCAL_FLAG, SELECTOR_FLAG } from '../flag-groups.ts'
import type { Flags } from '../flags.ts'
import { PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { isNotFound, isRefusal, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ask } from '../session.ts'
import { FILENAME_FLAGS, type Found, findObjects, type Target, targetPath } from '../targets.ts'
import { newsOf, type ObjectPlace, placeOf } from '../watch-object.ts'

type Condition =
  | { readonly is: 'create' }
  | { readonly is: 'delete' }
  | { readonly is: 'condition'; readonly name: string; readonly status: string }
  | { readonly is: 'jsonpath'; readonly path: JsonPath; readonly value: string }

/** Splits at single `=`; `==` belongs to an expression. */
const splitOnce = (text: string): readonly string[] =>
  text
    .replaceAll('==', '\u0000')
    .split('=')
    .map((part) => part.replaceAll('\u0000', '=='))

function jsonPathCondition(text: string): Condition | Refusal {
  const parts = splitOnce(text)
  if (parts.length > 2)
    return refuse(
      "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    )
  const relaxed = relaxedJsonPath(parts[0]!)
  if (isProblem(relaxed)) return refuse(relaxed.problem)
  const value = (parts[1] ?? '').replace(/^['"]+|['"]+$/g, '')
  if (parts.length === 2 && value === '')
    return refuse("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3")
  if (relaxed === '') return refuse('jsonpath expression cannot be empty')
  const path = parseJsonPath(relaxed)
  return isProblem(path) ? refuse(path.problem) : { is: 'jsonpath', path, value }
}

function conditionOf(text: string): Condition | Refusal {
  const lower = text.toLowerCase()
  if (lower === 'delete' || lower === 'create') return { is: lower }
  if (text.startsWith('condition=')) {
    const wanted = text.slice('condition='.length)
    const at = wanted.indexOf('=')
    return at < 0
      ? { is: 'condition', name: wanted, status: 'true' }
      : { is: 'condition', name: wanted.slice(0, at), status: wanted.slice(at + 1) }
  }
  return text.startsWith('jsonpath=')
    ? jsonPathCondition(text.slice('jsonpath='.length))
    : refuse(`unrecognized condition: ${goQuote(text)}`)
}

function conditionsOf({ flags }: Invocation): readonly Condition[] | Refusal {
  const conditions: Condition[] = []
  for (const text of flags.list('for')) {
    const condition = conditionOf(text)
    if (isRefusal(condition)) return condition
    conditions.push(condition)
  }
  return conditions.length === 0 ? refuse('unrecognized condition: []') : conditions
}

// ---- whether an object is as it should be ------------------------------------------------------------------

const sameWord = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function hasCondition(object: TreeMap, name: string, status: string): boolean {
  const condition = listAt(object, 'status', 'conditions').find(
    (one) => sameWord(textAt(one, 'type'), name) && textAt(one, 'status') !== '',
  )
  if (!condition) return false
  const generation = treeAt(object, 'metadata', 'generation')
  const observed = condition.observedGeneration ?? treeAt(object, 'status', 'observedGeneration')
  if (generation !== undefined && observed !== undefined && Number(observed) < Number(generation)) return false
  return sameWord(textAt(condition, 'status'), status)
}

function hasValue(object: TreeMap, path: JsonPath, value: string): boolean | Refusal {
  const results = findResults(path, object, { allowMissingKeys: true })
  if (isProblem(results)) return refuse(results.problem)
  if ((results[0] ?? []).length === 0) return false
  if (results.length > 1) return refuse('given jsonpath expression matches more than one list')
  if (results[0]!.length > 1) return refuse('given jsonpath expression matches more than one value')
  if (value === '') return true
  const found = results[0]![0]!
  if (isMap(found) || isList(found)) return refuse('jsonpath leads to a nested object or list which is not supported')
  return goValue(found).trim() === value.trim()
}

const isMet = (object: TreeMap, condition: Condition): boolean | Refusal => {
  if (condition.is === 'condition') return hasCondition(object, condition.name, condition.status)
  return condition.is === 'jsonpath' ? hasValue(object, condition.path, condition.value) : condition.is === 'create'
}

// ---- waiting -------------------------------------------------------------------------------------------------

/** Where a wait stands: which object, which of the conditions, and what was refused so far. */
interface Waiting {
  readonly targets: readonly Target[]
  readonly condition: number
  readonly place?: ObjectPlace
  readonly until: Millis
  readonly refusals: readonly Refusal[]
}

type Look =
  | { readonly is: 'met'; readonly object: TreeMap }
  | { readonly is: 'waits'; readonly place: ObjectPlace }
  | Refusal

const timedOut = ({ resource, name }: Target): Refusal =>
  refuse(`timed out waiting for the condition on ${resource.plural}/${name}`)

function lookForEnd({ session }: Invocation, target: Target, place: ObjectPlace | undefined): Look {
  if (!place) {
    const object = ask(session, { method: 'GET', path: targetPath(target) })
    if (isRefusal(object)) return isNotFound(object) ? { is: 'met', object: target.object } : object
  }
  const news = newsOf(session, place ?? placeOf(target))
  if (isRefusal(news)) return news
  const gone = news.events.some(({ type }) => type === 'DELETED') || (!place && news.events.length === 0)
  return gone ? { is: 'met', object: target.object } : { is: 'waits', place: news.place }
}

function lookFor({ session }: Invocation, target: Target, condition: Condition, place: ObjectPlace | undefined): Look {
  const news = newsOf(session, place ?? placeOf(target))
  if (isRefusal(news)) return news
  for (const { type, object } of news.events) {
    if (type === 'DELETED' || type === 'ERROR') continue
    const met = isMet(object, condition)
    if (isRefusal(met)) return met
    if (met) return { is: 'met', object }
  }
  return { is: 'waits', place: news.place }
}

/** With --timeout=0 nothing is waited for: one question, one answer. */
function lookOnce({ session }: Invocation, target: Target, condition: Condition): Look {
  const object = ask(session, { method: 'GET', path: targetPath(target) })
  const notMet = refuse(
    `condition not met for ${target.resource.singular}${target.resource.group ? `.${target.resource.group}` : ''}/${target.name}`,
  )
  if (isRefusal(object))
    return condition.is === 'delete' && isNotFound(object) ? { is: 'met', object: target.object } : object
  const met = condition.is === 'delete' ? false : isMet(object, condition)
  if (isRefusal(met)) return met
  return met ? { is: 'met', object } : notMet
}

function look(invocation: Invocation, target: Target, condition: Condition, place: ObjectPlace | undefined): Look {
  if (condition.is === 'create') return { is: 'met', object: target.object }
  if (invocation.flags.number('timeout') === 0) return lookOnce(invocation, target, condition)
  return condition.is === 'delete'
    ? lookForEnd(invocation, target, place)
    : lookFor(invocation, target, condition, place)
}

function goOnWaiting(invocation: Invocation, conditions: readonly Condition[], waiting: Waiting): Ending {
  const { flags, session } = invocation
  const { place, ...bare } = waiting
  const { targets, refusals, until } = waiting
  const [target, ...rest] = targets
  if (!target) return severalRefusals(refusals)
  const next: Waiting = { targets: rest, condition: 0, until, refusals }
  const seen = look(invocation, target, conditions[waiting.condition]!, place)
  if (isRefusal(seen)) return goOnWaiting(invocation, conditions, { ...next, refusals: [...refusals, seen] })
  if (seen.is === 'met') {
    const printer = printerFor(session, flags, { operation: 'condition met' })
    if (isRefusal(printer)) return printer
    printer.print(seen.object)
    const later = waiting.condition + 1
    return goOnWaiting(invocation, conditions, later < conditions.length ? { ...bare, condition: later } : next)
  }
  const { now } = session.client
  if (now >= until) return goOnWaiting(invocation, conditions, { ...next, refusals: [...refusals, timedOut(target)] })
  return goOn({ waiting: { ...bare, place: seen.place } } as unknown as Progress, Math.min(200, until - now))
}

const WEEK = 168 * 3_600_000

const find = ({ args, flags, session }: Invocation): Found | Refusal =>
  findObjects(session, {
    args,
    filenames: flags.list('filename'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    fieldSelector: flags.text('field-selector'),
    all: flags.on('all'),
    allNamespaces: flags.on('all-namespaces'),
    local: flags.on('local'),
    latest: !flags.on('local'),
  })

/** Nothing may be there yet: asks again every half second. */
function awaitCreation(invocation: Invocation, conditions: readonly Condition[], until: Millis): Ending {
  const { now } = invocation.session.client
  const found = find(invocation)
  if (isRefusal(found)) return found
  const fatal = found.refusals.find((refusal) => !isNotFound(refusal))
  if (fatal) return fatal
  if (found.refusals.length === 0 && found.targets.length > 0)
    return goOnWaiting(invocation, conditions, { targets: found.targets, condition: 0, until, refusals: [] })
  return now >= until ? refuse('timed out waiting for the condition') : goOn({ until }, Math.min(500, until - now))
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const printer = printerFor(session, flags)
  if (isRefusal(printer)) return printer
  const conditions = conditionsOf(invocation)
  if (isRefusal(conditions)) return conditions
  const timeout = flags.number('timeout')
  const until = session.client.now + (timeout < 0 ? WEEK : timeout)
  if (conditions.some(({ is }) => is === 'create')) return awaitCreation(invocation, conditions, until)
  const found = find(invocation)
  if (isRefusal(found)) return found
  const forDelete = conditions.some(({ is }) => is === 'delete')
  const refusals = found.refusals.filter((refusal) => !(forDelete && isNotFound(refusal)))
  if (found.targets.length === 0 && refusals.length === 0 && !forDelete) return refuse('no matching resources found')
  return goOnWaiting(invocation, conditions, { targets: found.targets, condition: 0, until, refusals })
}

function follow(invocation: Invocation, progress: Progress): Ending {
  const conditions = conditionsOf(invocation)
  if (isRefusal(conditions)) return conditions
  const { waiting, until } = progress as { readonly waiting?: Waiting; readonly until?: Millis }
  return waiting ? goOnWaiting(invocation, conditions, waiting) : awaitCreation(invocation, conditions, until!)
}

const { kustomize: _kustomize, ...FILES }: Flags = FILENAME_FLAGS(
  'Files, directories or addresses that name the objects.',
)

export const waitCommand: Command = {
  name: 'wait',
  usage:
    "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  short: 'Wait for a specific condition on one or many resources',
  group: 'Advanced Commands',
  help: 'Wait until a condition of an object is true, a field has a value, or the object is there or gone.',
  examples: [
    'kubectl wait --for=condition=Ready pod/web',
    "kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web",
    'kubectl wait --for=delete pod/web --timeout=60s',
  ],
  flags: {
    ...ALL_FLAG,
    ...ALL_NAMESPACES_FLAG,
    ...FIELD_SELECTOR_FLAG,
    ...FILES,
    for: {
      kind: 'stringArray',
      help: "What to wait for: create, delete, condition=NAME[=VALUE], jsonpath='{EXPRESSION}'[=VALUE].",
    },
    ...LOCAL_FLAG,
    ...PRINT_FLAGS,
    ...SELECTOR_FLAG,
    timeout: {
      kind: 'duration',
      default: '30s',
      help: 'How long to wait. Zero looks once; a negative time is a week.',
    },
  },
  run,
  follow,
}
