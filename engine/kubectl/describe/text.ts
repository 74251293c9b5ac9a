/**
 * The pieces that all descriptions are made of: labels, annotations, tolerations, times, events. A piece is text with tabs, which
 * are lined up in the end; a form feed begins a new alignment.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go
 */
import { type LabelSelector, selectorOf, selectorText } from '../../api/selector.ts'
import { byteLength } from '../../std/byte-length.ts'
import { humanDuration } from '../../std/human-duration.ts'
import { alignText, DESCRIPTION_STYLE } from '../../std/table.ts'
import { type Millis, parseUnix } from '../../std/time.ts'
import { isList, isMap, sortedKeysOf, type TreeMap, treeAt } from '../../std/tree.ts'

/** Begins a new alignment. */
export const FLUSH = '\f'

export const aligned = (text: string): string =>
  text
    .split(FLUSH)
    .map((part) => alignText(part, DESCRIPTION_STYLE))
    .join('')

const SPACES = ['', '  ', '    ', '      ', '        ']

/** A line at a level of indentation. */
export const line = (level: number, text: string): string => `${SPACES[level]}${text}\n`

export const field = (title: string, value: unknown): string => `${title}:\t${String(value)}\n`

export const textAt = (object: unknown, ...path: (string | number)[]): string => {
  const value = treeAt(object, ...path)
  return value === undefined || value === null ? '' : String(value)
}

export const listAt = (object: unknown, ...path: (string | number)[]): readonly TreeMap[] => {
  const value = treeAt(object, ...path)
  return isList(value) ? (value as readonly TreeMap[]) : []
}

export const mapAt = (object: unknown, ...path: (string | number)[]): TreeMap => {
  const value = treeAt(object, ...path)
  return isMap(value) ? value : {}
}

export const orNone = (text: string): string => text || '<none>'

export const printBool = (value: unknown): string => (value === true ? 'True' : 'False')

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Mon, 05 Jan 2026 09:00:00 +0000` */
export function longTime(timestamp: string): string {
  const unix = parseUnix(timestamp)
  if (unix === undefined) return 'Mon, 01 Jan 0001 00:00:00 +0000'
  const [year, month, day] = timestamp.slice(0, 10).split('-')
  const weekday = DAYS[((Math.floor(unix / 86_400_000) % 7) + 7) % 7]
  return `${weekday}, ${day} ${MONTHS[Number(month) - 1]} ${year} ${timestamp.slice(11, 19)} +0000`
}

export function sinceText(timestamp: string, nowUnix: Millis): string {
  const unix = parseUnix(timestamp)
  return unix === undefined ? '<unknown>' : humanDuration(nowUnix - unix)
}

/** `Labels:  a=b`, one a line. */
export function labelLines(title: string, labels: unknown): string {
  const map = isMap(labels) ? labels : {}
  const keys = sortedKeysOf(map)
  if (keys.length === 0) return `${title}:\t<none>\n`
  return `${title}:${keys.map((key) => `\t${key}=${String(map[key])}\n`).join('')}`
}

/** `a=b,c=d`, or `<none>`. */
export function labelText(labels: unknown): string {
  const map = isMap(labels) ? labels : {}
  return orNone(
    sortedKeysOf(map)
      .map((key) => `${key}=${String(map[key])}`)
      .join(','),
  )
}

const SKIPPED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'
const LONGEST_ANNOTATION = 140

const shortened = (text: string, length: number): string =>
  byteLength(text) > length ? `${text.slice(0, length)}...` : text

function annotationLines(key: string, raw: string): string {
  const value = raw.endsWith('\n') ? raw.slice(0, -1) : raw
  if (byteLength(value) + byteLength(key) + 2 <= LONGEST_ANNOTATION && !value.includes('\n'))
    return `${key}: ${value}\n`
  return `${key}:\n${value
    .split('\n')
    .map((part) => `\t  ${shortened(part, LONGEST_ANNOTATION - 2)}\n`)
    .join('')}`
}

export function annotationsText(title: string, annotations: unknown): string {
  const map = isMap(annotations) ? annotations : {}
  const keys = sortedKeysOf(map).filter((key) => key !== SKIPPED_ANNOTATION)
  if (keys.length === 0) return `${title}:\t<none>\n`
  return `${title}:${keys.map((key) => `\t${annotationLines(key, String(map[key]))}`).join('')}`
}

/** Name, namespace, labels, annotations: how most descriptions begin. */
export const headText = (object: TreeMap, ...between: readonly string[]): string =>
  [
    field('Name', textAt(object, 'metadata', 'name')),
    ...(textAt(object, 'metadata', 'namespace') ? [field('Namespace', textAt(object, 'metadata', 'namespace'))] : []),
    ...between,
    labelLines('Labels', treeAt(object, 'metadata', 'labels')),
    annotationsText('Annotations', treeAt(object, 'metadata', 'annotations')),
  ].join('')

function tolerationText(toleration: TreeMap): string {
  const [key, value, effect] = ['key', 'value', 'effect'].map((name) => textAt(toleration, name))
  const exists = toleration.operator === 'Exists' && !value ? (key || effect ? ' op=Exists' : 'op=Exists') : ''
  const seconds = toleration.tolerationSeconds === undefined ? '' : ` for ${String(toleration.tolerationSeconds)}s`
  return `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}${exists}${seconds}`
}

const byKey = (a: TreeMap, b: TreeMap): number =>
  textAt(a, 'key') < textAt(b, 'key') ? -1 : textAt(a, 'key') > textAt(b, 'key') ? 1 : 0

export function tolerationLines(title: string, tolerations: readonly TreeMap[]): string {
  if (tolerations.length === 0) return `${title}:\t<none>\n`
  return `${title}:${[...tolerations]
    .sort(byKey)
    .map((toleration) => `\t${tolerationText(toleration)}\n`)
    .join('')}`
}

export const controllerText = (object: TreeMap): string => {
  const owner = listAt(object, 'metadata', 'ownerReferences').find((one) => one.controller === true)
  return owner ? `${textAt(owner, 'kind')}/${textAt(owner, 'name')}` : ''
}

export const controlledBy = (object: TreeMap): string => {
  const owner = controllerText(object)
  return owner ? field('Controlled By', owner) : ''
}

/** A LabelSelector as `app=web,tier in (a,b)`. */
export function labelSelectorText(selector: unknown): string {
  const parsed = isMap(selector) ? selectorOf(selector as LabelSelector) : undefined
  return parsed === undefined ? '<none>' : selectorText(parsed)
}

// ---- events ------------------------------------------------------------------------------------------

const eventTime = (event: TreeMap): string =>
  textAt(event, 'lastTimestamp') || textAt(event, 'eventTime') || textAt(event, 'firstTimestamp')

const compareEvents = (a: TreeMap, b: TreeMap): number =>
  eventTime(a).slice(0, 19) < eventTime(b).slice(0, 19)
    ? -1
    : eventTime(a).slice(0, 19) > eventTime(b).slice(0, 19)
      ? 1
      : 0

export function intervalText(event: TreeMap, nowUnix: Millis): string {
  const first = sinceText(textAt(event, 'eventTime') || textAt(event, 'firstTimestamp'), nowUnix)
  const series = event.series
  if (isMap(series))
    return `${sinceText(textAt(series, 'lastObservedTime'), nowUnix)} (x${textAt(series, 'count')} over ${first})`
  const count = Number(event.count ?? 0)
  return count > 1 ? `${sinceText(textAt(event, 'lastTimestamp'), nowUnix)} (x${count} over ${first})` : first
}

function eventLine(event: TreeMap, nowUnix: Millis): string {
  const source = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent')
  const path = textAt(event, 'involvedObject', 'fieldPath')
  const message = textAt(event, 'message').trim()
  return line(
    1,
    [
      textAt(event, 'type'),
      textAt(event, 'reason'),
      intervalText(event, nowUnix),
      source,
      path ? `${path}: ${message}` : message,
    ].join('\t'),
  )
}

export function eventLines(events: readonly TreeMap[] | undefined, nowUnix: Millis): string {
  if (events === undefined) return ''
  if (events.length === 0) return 'Events:\t<none>\n'
  const rows = [...events].sort(compareEvents).map((event) => eventLine(event, nowUnix))
  return `${FLUSH}Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n${rows.join('')}`
}

/** Conditions of a workload: type, status, reason. */
export function reasonConditions(conditions: readonly TreeMap[]): string {
  if (conditions.length === 0) return ''
  const rows = conditions.map((condition) =>
    line(1, `${textAt(condition, 'type')} \t${textAt(condition, 'status')}\t${textAt(condition, 'reason')}`),
  )
  return `Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n${rows.join('')}`
}
