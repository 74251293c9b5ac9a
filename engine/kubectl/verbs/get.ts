/**
 * `kubectl get`: one object or many, as a table or in full; with -w, what changes from then on.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/get
 */
import { parseDuration } from '../../std/duration.ts'
import { goQuote } from '../../std/go-text.ts'
import { alignRows } from '../../std/table.ts'
import { isList, type TreeMap, treeAt } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import { pathOf, type Resource } from '../discovery.ts'
import {
  ALL_NAMESPACES_FLAG,
  CHUNK_FLAG,
  FIELD_SELECTOR_FLAG,
  SELECTOR_FLAG,
  SUBRESOURCE_FLAG,
} from '../flag-groups.ts'
import { readFile } from '../paths.ts'
import { type CustomColumn, customCells, parseColumnFile, parseColumns } from '../printers/custom-columns.ts'
import {
  OUTPUT_FORMATS,
  PRINT_FLAGS,
  type Printer,
  printerFor,
  splitOutput,
  unknownFormat,
} from '../printers/output.ts'
import {
  type Columns,
  isTable,
  plainColumns,
  rememberingText,
  type TableOptions,
  tableColumns,
  tableRows,
} from '../printers/server-table.ts'
import { aggregate, isNotFound, isRefusal, type Refusal, refuse, severalRefusals, usageRefusal } from '../refusal.ts'
import { ACCEPT_TABLE, complain, type Question, say } from '../session.ts'
import { sortedBy } from '../sort-by.ts'
import {
  FILENAME_FLAGS,
  getListing,
  getTarget,
  itemsOf,
  namespaceOf,
  type Plan,
  planTargets,
  type Target,
} from '../targets.ts'
import { type WatchPlace, watchOn } from '../watch.ts'
import { getRaw } from './raw.ts'

const COLUMN_FORMATS = ['custom-columns', 'custom-columns-file']
const GET_FORMATS = [...OUTPUT_FORMATS, ...COLUMN_FORMATS, 'wide']

const isHumanReadable = ({ flags }: Invocation): boolean =>
  (flags.text('output') === '' && flags.text('template') === '') || flags.text('output') === 'wide'

/** What one answer of the server holds, with the type it is of. */
interface Answer {
  readonly resource: Resource
  readonly object: TreeMap
}

interface Answers {
  readonly answers: readonly Answer[]
  readonly refusals: readonly Refusal[]
  readonly single: boolean
}

function questionFor(invocation: Invocation): Partial<Question> {
  const { flags } = invocation
  if (!flags.on('server-print') || !isHumanReadable(invocation)) return {}
  return { accept: ACCEPT_TABLE, ...(flags.text('sort-by') && { query: { includeObject: 'Object' } }) }
}

const chunkOf = ({ flags }: Invocation): string | undefined =>
  flags.text('sort-by') || flags.number('chunk-size') === 0 ? undefined : String(flags.number('chunk-size'))

function collect(invocation: Invocation, plan: Plan): Answers {
  const { flags, session } = invocation
  const question = questionFor(invocation)
  const answers: Answer[] = []
  const refusals: Refusal[] = plan.is === 'targets' ? [...plan.refusals] : []
  const take = (resource: Resource, object: TreeMap | Refusal): void => {
    if (!isRefusal(object)) answers.push({ resource, object })
    else if (!(flags.on('ignore-not-found') && isNotFound(object))) refusals.push(object)
  }
  if (plan.is === 'listings')
    for (const listing of plan.listings)
      take(listing.resource, getListing(session, listing, question, chunkOf(invocation)))
  else
    for (const target of plan.targets)
      take(target.resource, getTarget(session, target, question, flags.text('subresource') || undefined))
  return { answers, refusals, single: plan.is === 'targets' && plan.single }
}

// ---- tables ----------------------------------------------------------------------------------------

function tableOptions({ flags }: Invocation, resource: Resource, withKind: boolean): TableOptions {
  const kind = resource.group ? `${resource.singular}.${resource.group}` : resource.singular
  return {
    wide: flags.text('output') === 'wide',
    noHeaders: flags.on('no-headers'),
    withNamespace: flags.on('all-namespaces') && resource.namespaced,
    kind: withKind || flags.on('show-kind') ? kind : '',
    showLabels: flags.on('show-labels'),
    labelColumns: flags.list('label-columns'),
  }
}

function sortTable(table: TreeMap, field: string): TreeMap | Refusal {
  const rows = sortedBy(tableRows(table), (row) => row.object ?? null, field)
  return isRefusal(rows) ? rows : { ...table, rows }
}

function columnsOf(invocation: Invocation, { resource, object }: Answer, options: TableOptions): Columns {
  const objects = isList(object.items) ? itemsOf(object, resource) : [object]
  return isTable(object)
    ? tableColumns(object, options)
    : plainColumns(objects, options, invocation.session.client.nowUnix)
}

/** Neighbours of one type share a table. */
function groupByType(answers: readonly Answer[]): readonly (readonly Answer[])[] {
  const groups: Answer[][] = []
  for (const answer of answers) {
    const last = groups.at(-1)
    if (
      last &&
      last[0]!.resource.plural === answer.resource.plural &&
      last[0]!.resource.group === answer.resource.group
    )
      last.push(answer)
    else groups.push([answer])
  }
  return groups
}

function groupText(invocation: Invocation, group: readonly Answer[], withKind: boolean): string {
  const options = tableOptions(invocation, group[0]!.resource, withKind)
  const parts = group.map((answer) => columnsOf(invocation, answer, options)).filter(({ rows }) => rows.length > 0)
  const rows: (readonly string[])[] = []
  let headers = ''
  for (const part of parts) {
    if (!options.noHeaders && part.headers.join('\t') !== headers) rows.push(part.headers)
    headers = part.headers.join('\t')
    rows.push(...part.rows)
  }
  return alignRows(rows)
}

function sortAnswers(invocation: Invocation, answers: readonly Answer[]): readonly Answer[] | Refusal {
  const field = invocation.flags.text('sort-by')
  if (field === '') return answers
  if (answers.every(({ object }) => isTable(object))) {
    const sorted: Answer[] = []
    for (const answer of answers) {
      const table = sortTable(answer.object, field)
      if (isRefusal(table)) return table
      sorted.push({ ...answer, object: table })
    }
    return sorted
  }
  const flat = answers.flatMap(({ resource, object }) =>
    (isList(object.items) ? itemsOf(object, resource) : [object]).map((item) => ({ resource, object: item })),
  )
  return sortedBy(flat, ({ object }) => object, field)
}

function printTables(invocation: Invocation, { answers, refusals }: Answers): Ending {
  const { flags, session } = invocation
  const sorted = sortAnswers(invocation, answers)
  if (isRefusal(sorted)) return sorted
  const kinds = new Set(answers.map(({ resource }) => `${resource.plural}.${resource.group}`))
  const texts = groupByType(sorted)
    .map((group) => groupText(invocation, group, kinds.size > 1))
    .filter((text) => text !== '')
  say(session, texts.join(flags.on('no-headers') ? '' : '\n'))
  if (texts.length === 0 && !flags.on('ignore-not-found') && refusals.length === 0) {
    const everywhere = flags.on('all-namespaces') || answers.some(({ resource }) => !resource.namespaced)
    complain(
      session,
      everywhere ? 'No resources found\n' : `No resources found in ${namespaceOf(session)} namespace.\n`,
    )
  }
  return aggregate(refusals)
}

// ---- in full ---------------------------------------------------------------------------------------

function customColumns({ flags, session }: Invocation): readonly CustomColumn[] | Refusal {
  const [format, argument] = splitOutput(flags.text('output'), flags.text('template'))
  if (format === 'custom-columns') return parseColumns(argument)
  if (argument === '') return refuse('custom-columns format specified but no custom columns given')
  const content = readFile(session.client, argument)
  if (content === undefined)
    return refuse(`error reading template ${argument}, open ${argument}: no such file or directory`)
  return parseColumnFile(String(content))
}

function columnPrinter(invocation: Invocation, columns: readonly CustomColumn[]): Printer {
  return {
    print: (object) => {
      const items = isList(object.items) ? (object.items as readonly TreeMap[]) : [object]
      const rows: (readonly string[])[] = invocation.flags.on('no-headers') ? [] : [columns.map(({ header }) => header)]
      for (const item of items) {
        const cells = customCells(columns, item)
        if (isRefusal(cells)) return cells
        rows.push(cells)
      }
      say(invocation.session, alignRows(rows))
      return undefined
    },
  }
}

function fullPrinter(invocation: Invocation): Printer | Refusal {
  const { flags, session } = invocation
  const [format] = splitOutput(flags.text('output'), flags.text('template'))
  if (COLUMN_FORMATS.includes(format)) {
    const columns = customColumns(invocation)
    return isRefusal(columns) ? columns : columnPrinter(invocation, columns)
  }
  if (flags.text('output') !== '' && !GET_FORMATS.includes(format))
    return unknownFormat(flags.text('output'), GET_FORMATS)
  return printerFor(session, flags)
}

const listFor = (items: readonly TreeMap[]): TreeMap => ({
  apiVersion: 'v1',
  items,
  kind: 'List',
  metadata: { resourceVersion: '' },
})

function printInFull(invocation: Invocation, { answers, refusals, single }: Answers): Ending {
  const items = answers.flatMap(({ resource, object }) => (isList(object.items) ? itemsOf(object, resource) : [object]))
  if (answers.length === 0 && refusals.length > 0) return severalRefusals(refusals)
  if (answers.length === 0 && invocation.flags.on('ignore-not-found')) return undefined
  const field = invocation.flags.text('sort-by')
  const sorted = field ? sortedBy(items, (item) => item, field) : items
  if (isRefusal(sorted)) return sorted
  const printer = fullPrinter(invocation)
  if (isRefusal(printer)) return printer
  const object = single && sorted.length === 1 ? sorted[0]! : listFor(sorted)
  const refusal = printer.print(object)
  return severalRefusals(refusal ? [refusal] : refusals)
}

// ---- watching --------------------------------------------------------------------------------------

/** How the printed events look: one line a change, columns as wide as they ever were. */
interface Watched {
  readonly place: WatchPlace
  readonly resource: Resource
  readonly widths: readonly number[]
  readonly headers: string
  /** When the request ends. */
  readonly until?: number
  /** The first event of a watch on one object repeats what has been printed. */
  readonly skipFirst: boolean
}

const isWatching = ({ flags }: Invocation): boolean => flags.on('watch') || flags.on('watch-only')

function printWatched(invocation: Invocation, watched: Watched, type: string, object: TreeMap): Watched | Refusal {
  const { flags, session } = invocation
  const withEvents = flags.on('output-watch-events')
  if (!isHumanReadable(invocation)) {
    const printer = fullPrinter(invocation)
    if (isRefusal(printer)) return printer
    const refusal = printer.print(withEvents ? { object, type } : object)
    return refusal ?? watched
  }
  const columns = columnsOf(
    invocation,
    { resource: watched.resource, object },
    tableOptions(invocation, watched.resource, false),
  )
  const marked = (row: readonly string[], mark: string): readonly string[] => (withEvents ? [mark, ...row] : row)
  const headers = columns.headers.join('\t')
  const rows = [
    ...(flags.on('no-headers') || headers === watched.headers || columns.rows.length === 0
      ? []
      : [marked(columns.headers, 'EVENT')]),
    ...columns.rows.map((row) => marked(row, type)),
  ]
  const [text, widths] = rememberingText(rows, watched.widths)
  say(session, text)
  return { ...watched, widths, headers: columns.rows.length === 0 ? watched.headers : headers }
}

/** The last column's header line is not remembered by the server: later tables carry no definitions. */
function withDefinitions(object: TreeMap, place: WatchPlace): TreeMap {
  if (!isTable(object) || (isList(object.columnDefinitions) && object.columnDefinitions.length > 0)) return object
  return { ...object, columnDefinitions: place.definitions ?? [] }
}

function startWatching(invocation: Invocation, plan: Plan): Ending {
  const { flags } = invocation
  const count = plan.is === 'listings' ? plan.listings.length : plan.targets.length
  if (plan.is === 'targets' && count > 1) {
    const { refusals } = collect(invocation, plan)
    if (refusals.length > 0) return severalRefusals(refusals)
  }
  if (count !== 1 || (plan.is === 'targets' && plan.fromFiles && plan.targets.length > 1))
    return refuse('you may only specify a single resource type')
  const { answers, refusals } = collect(invocation, plan)
  if (refusals.length > 0) return severalRefusals(refusals)
  if (answers.length === 0) return undefined
  const { resource, object } = answers[0]!
  const isListing = plan.is === 'listings'
  const target = plan.is === 'targets' ? (plan.targets[0] as Target) : undefined
  const listing = plan.is === 'listings' ? plan.listings[0]! : undefined
  const version = isListing ? String(treeAt(object, 'metadata', 'resourceVersion') ?? '0') : '0'
  const fieldSelector = target ? `metadata.name=${target.name}` : (listing?.fieldSelector ?? '')
  const place: WatchPlace = {
    path: pathOf(resource, target ? target.namespace || undefined : listing?.namespace),
    query: {
      ...(fieldSelector && { fieldSelector }),
      ...(listing?.labelSelector && { labelSelector: listing.labelSelector }),
      ...questionFor(invocation).query,
    },
    accept: questionFor(invocation).accept ?? 'application/json',
    resourceVersion: version,
    ...(isTable(object) && { definitions: object.columnDefinitions as TreeMap[] }),
  }
  let watched: Watched | Refusal = { place, resource, widths: [], headers: '', skipFirst: !isListing }
  if (!flags.on('watch-only')) {
    const shown = isListing && !isHumanReadable(invocation) ? itemsOf(object, resource) : [object]
    for (const one of shown) {
      watched = printWatched(invocation, watched, 'ADDED', one)
      if (isRefusal(watched)) return watched
    }
  }
  return goOnWatching(invocation, watched)
}

/** How long the server may take: with --request-timeout a watch ends, too. */
function patience({ flags }: Invocation): number {
  const text = flags.text('request-timeout')
  const parsed = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text)
  return typeof parsed === 'number' && parsed > 0 ? parsed : Number.MAX_SAFE_INTEGER
}

function goOnWatching(invocation: Invocation, before: Watched): Ending {
  const news = watchOn(invocation.session, before.place)
  if (isRefusal(news)) return news
  let watched: Watched = { ...before, place: news.place }
  for (const { type, object } of news.events) {
    if (type === 'BOOKMARK') continue
    if (watched.skipFirst) {
      watched = { ...watched, skipFirst: false }
      continue
    }
    const next = printWatched(invocation, watched, type, withDefinitions(object, watched.place))
    if (isRefusal(next)) return next
    watched = next
  }
  const { now } = invocation.session.client
  const until = before.until ?? now + patience(invocation)
  return now >= until
    ? undefined
    : goOn({ watched: { ...watched, until } } as unknown as Progress, Math.min(1000, until - now))
}

// ---- the command -----------------------------------------------------------------------------------

function problemWith({ args, flags, path, session }: Invocation): Refusal | undefined {
  const output = flags.text('output')
  const raw = flags.text('raw')
  if (raw) {
    if (args.length > 0) return refuse('arguments may not be passed when --raw is specified')
    if (flags.on('watch') || flags.on('watch-only') || flags.text('selector'))
      return refuse('--raw may not be specified with other flags that filter the server request or alter the output')
    if (output) return refuse('--raw and --output are mutually exclusive')
    return raw.startsWith('/')
      ? undefined
      : refuse(`--raw must be a valid URL path: parse ${goQuote(raw)}: invalid URI for request`)
  }
  const watches = flags.on('watch') || flags.on('watch-only')
  if (args.length === 0 && flags.list('filename').length === 0 && !flags.text('kustomize') && !watches) {
    complain(
      session,
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
    )
    return usageRefusal(
      path,
      'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
    )
  }
  if (flags.on('show-labels') && output !== '' && output !== 'wide')
    return refuse(`--show-labels option cannot be used with ${output} printer`)
  if (flags.list('label-columns').length > 0 && output.startsWith('custom-columns'))
    return refuse(`--label-columns option cannot be used with ${output} printer`)
  return flags.on('output-watch-events') && !watches
    ? refuse('--output-watch-events option can only be used with --watch or --watch-only')
    : undefined
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const problem = problemWith(invocation)
  if (problem) return problem
  if (flags.text('raw')) return getRaw(invocation, flags.text('raw'))
  if (flags.text('sort-by') && isWatching(invocation))
    complain(
      session,
      flags.on('watch')
        ? 'warning: --watch requested, --sort-by will be ignored for watch events received\n'
        : 'warning: --watch-only requested, --sort-by will be ignored\n',
    )
  const plan = planTargets(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    fieldSelector: flags.text('field-selector'),
    allNamespaces: flags.on('all-namespaces'),
    typeMeansAll: true,
    bulkProblem: flags.text('subresource') ? 'subresource cannot be used when bulk resources are specified' : '',
  })
  if (isRefusal(plan)) return plan
  if (isWatching(invocation)) return startWatching(invocation, plan)
  const answers = collect(invocation, plan)
  return isHumanReadable(invocation) ? printTables(invocation, answers) : printInFull(invocation, answers)
}

export const getCommand: Command = {
  name: 'get',
  usage:
    '[(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  short: 'Display one or many resources',
  group: 'Basic Commands (Intermediate)',
  help: 'Show objects: a line each, or all of them with -o. Names, types and selectors say which.',
  examples: ['kubectl get pods', 'kubectl get deployment web -o yaml', 'kubectl get pods -l app=web -w'],
  flags: {
    ...PRINT_FLAGS,
    ...ALL_NAMESPACES_FLAG,
    ...CHUNK_FLAG,
    ...FIELD_SELECTOR_FLAG,
    ...FILENAME_FLAGS('A file, directory or - that names the objects.'),
    'ignore-not-found': { kind: 'bool', help: 'Do not complain of objects that are not there.' },
    'label-columns': { kind: 'stringSlice', short: 'L', help: 'Labels to show as columns.' },
    'no-headers': { kind: 'bool', help: 'Leave out the line of headers.' },
    output: {
      kind: 'string',
      short: 'o',
      help: 'How to print: json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file, wide.',
    },
    'output-watch-events': { kind: 'bool', help: 'With -w, show what kind of change each line is.' },
    raw: { kind: 'string', help: 'A path of the API to ask for as it is.' },
    ...SELECTOR_FLAG,
    'server-print': { kind: 'bool', default: 'true', help: 'Let the server decide on the columns.' },
    'show-kind': { kind: 'bool', help: 'Put the kind before each name.' },
    'show-labels': { kind: 'bool', help: 'Show all labels in the last column.' },
    'sort-by': { kind: 'string', help: "Sort by a field, such as '{.metadata.name}'." },
    ...SUBRESOURCE_FLAG,
    watch: { kind: 'bool', short: 'w', help: 'Show what is there, then what changes.' },
    'watch-only': { kind: 'bool', help: 'Show only what changes.' },
  },
  run,
  follow: (invocation, progress) => goOnWatching(invocation, (progress as { watched: Watched }).watched),
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
