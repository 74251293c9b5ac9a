/**
 * `kubectl events`: what has lately happened, the oldest first.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/events
 */
import { alignRows } from '../../std/table.ts'
import type { TreeMap } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { askTyped, itemsIn } from '../describe/describer.ts'
import { intervalText, textAt } from '../describe/text.ts'
import { groupVersion, resourceFor } from '../discovery.ts'
import { ALL_NAMESPACES_FLAG, CHUNK_FLAG } from '../flag-groups.ts'
import { OUTPUT_FORMATS, PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, refuseBare } from '../refusal.ts'
import { ACCEPT_TYPED, complain, say } from '../session.ts'
import { CHUNK, namespaceOf } from '../targets.ts'
import { type WatchPlace, watchOn } from '../watch.ts'

/** `--for deploy/web` as a field selector. */
function selectorFor({ flags, session }: Invocation): string | undefined | Refusal {
  const text = flags.text('for')
  if (text === '') return undefined
  const parts = text.split('/')
  if (parts.length === 1) return refuse('--for must be in resource/name form')
  if (parts.length > 2) return refuse('arguments in resource/name form may not have more than one slash')
  const resource = resourceFor(session, parts[0]!)
  if (isRefusal(resource)) return resource.by === 'kubectl' ? refuseBare(resource.message) : resource
  return `involvedObject.kind=${resource.kind},involvedObject.apiVersion=${groupVersion(resource)},involvedObject.name=${parts[1]}`
}

const timeOf = (event: TreeMap): string =>
  (textAt(event, 'series', 'lastObservedTime') || textAt(event, 'lastTimestamp') || textAt(event, 'eventTime')).slice(
    0,
    19,
  )

const byTime = (a: TreeMap, b: TreeMap): number => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0)

function isWanted({ flags }: Invocation, event: TreeMap): boolean {
  const types = flags.list('types')
  return types.length === 0 || types.some((type) => type.toLowerCase() === textAt(event, 'type').toLowerCase())
}

const HEADERS = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']

function rowOf({ flags, session }: Invocation, event: TreeMap): readonly string[] {
  return [
    ...(flags.on('all-namespaces') ? [textAt(event, 'metadata', 'namespace')] : []),
    intervalText(event, session.client.nowUnix),
    textAt(event, 'type'),
    textAt(event, 'reason'),
    `${textAt(event, 'involvedObject', 'kind')}/${textAt(event, 'involvedObject', 'name')}`,
    textAt(event, 'message').trim(),
  ]
}

const headersOf = ({ flags }: Invocation): readonly (readonly string[])[] =>
  flags.on('no-headers') ? [] : [flags.on('all-namespaces') ? ['NAMESPACE', ...HEADERS] : HEADERS]

function printEvents(invocation: Invocation, events: readonly TreeMap[], withHeaders: boolean): Refusal | undefined {
  const { flags, session } = invocation
  const typed = events.map((event) => ({ apiVersion: 'v1', kind: 'Event', ...event }) as TreeMap)
  if (flags.text('output') === '' && flags.text('template') === '') {
    say(
      session,
      alignRows([...(withHeaders ? headersOf(invocation) : []), ...typed.map((event) => rowOf(invocation, event))]),
    )
    return undefined
  }
  const printer = printerFor(session, flags, { keepOrder: true })
  if (isRefusal(printer)) return printer
  if (flags.text('output') === 'name') return undefined
  return printer.print({ apiVersion: 'v1', items: typed, kind: 'EventList', metadata: {} } as TreeMap)
}

function news(invocation: Invocation, place: WatchPlace, isFirst: boolean): Ending {
  const { session } = invocation
  const answer = watchOn(session, place)
  if (isRefusal(answer)) return answer
  const events = answer.events.filter(
    ({ type, object }) => type !== 'DELETED' && type !== 'BOOKMARK' && isWanted(invocation, object),
  )
  if (events.length > 0)
    printEvents(
      invocation,
      events.map(({ object }) => object),
      isFirst,
    )
  return goOn({ place: answer.place, isFirst: isFirst && events.length === 0 } as unknown as Progress)
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const wrong = flags.list('types').find((type) => !/^(normal|warning)$/i.test(type))
  const fieldSelector = selectorFor(invocation)
  if (isRefusal(fieldSelector)) return fieldSelector
  const printer = printerFor(session, flags)
  if (isRefusal(printer)) return printer
  if (wrong !== undefined) return refuse('valid --types are Normal or Warning')
  const scope = flags.on('all-namespaces') ? '' : `/namespaces/${namespaceOf(session)}`
  const path = `/api/v1${scope}/events`
  const query = { fieldSelector, limit: CHUNK }
  if (flags.on('watch')) return news(invocation, { path, query, accept: ACCEPT_TYPED, resourceVersion: '' }, true)
  const list = askTyped(session, path, query)
  if (isRefusal(list)) return list
  const events = itemsIn(list)
    .filter((event) => isWanted(invocation, event))
    .toSorted(byTime)
  if (events.length > 0) return printEvents(invocation, events, true)
  complain(
    session,
    flags.on('all-namespaces') ? 'No events found.\n' : `No events found in ${namespaceOf(session)} namespace.\n`,
  )
  return undefined
}

export const eventsCommand: Command = {
  name: 'events',
  usage: `[(-o|--output=)${['json', 'yaml', 'kyaml', ...OUTPUT_FORMATS.filter((format) => !/^(json|yaml|kyaml)$/.test(format))].join('|')}] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]`,
  short: 'List events',
  group: 'Troubleshooting and Debugging Commands',
  help: 'List what has happened in the namespace, or to one object.',
  examples: ['kubectl events', 'kubectl events --for pod/web --watch', 'kubectl events --types=Warning'],
  flags: {
    ...ALL_NAMESPACES_FLAG,
    ...CHUNK_FLAG,
    for: { kind: 'string', help: 'Only what concerns this object: TYPE/NAME.' },
    'no-headers': { kind: 'bool', help: 'Leave out the line of headers.' },
    ...PRINT_FLAGS,
    types: { kind: 'stringSlice', help: 'Only Events of these types: Normal, Warning.' },
    watch: { kind: 'bool', short: 'w', help: 'Go on with what happens from now on.' },
  },
  run,
  follow: (invocation, progress) => {
    const { place, isFirst } = progress as unknown as { readonly place: WatchPlace; readonly isFirst: boolean }
    return news(invocation, place, isFirst)
  },
}
