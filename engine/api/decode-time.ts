/**
 * Times as the API reads and writes them: read in any zone, written in UTC to the second or to the microsecond, and
 * refused in the words of Go's time package, which name the first part of the layout that does not fit.
 *
 * Upstream: time/format.go; staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/{time,micro_time}.go
 */
import { parseUnix, unixTimestamp } from '../std/time.ts'

/** A time to the second has a layout without a fraction, but a fraction is read all the same and dropped. */
export type TimeFormat = 'time' | 'microTime'

export type ReadTime = { readonly text: string | null } | { readonly problem: string }

const LAYOUTS: Readonly<Record<TimeFormat, string>> = {
  time: '2006-01-02T15:04:05Z07:00',
  microTime: '2006-01-02T15:04:05.000000Z07:00',
}

/** One element of a layout: what stands before it, what it takes off the text, and its limits. */
interface Element {
  readonly before: string
  readonly layout: string
  readonly take: RegExp
  readonly limits?: readonly [name: string, least: number, most: number]
}

const YEAR: Element = { before: '', layout: '2006', take: /^(\d.{3})/ }

const REST: readonly Element[] = [
  { before: '-', layout: '01', take: /^(\d\d)/, limits: ['month', 1, 12] },
  { before: '-', layout: '02', take: /^(\d\d)/ },
  { before: 'T', layout: '15', take: /^(\d\d?)/, limits: ['hour', 0, 23] },
  { before: ':', layout: '04', take: /^(\d\d)/, limits: ['minute', 0, 59] },
  { before: ':', layout: '05', take: /^(\d\d)/, limits: ['second', 0, 59] },
]

const FRACTION: Element = { before: '', layout: '.000000', take: /^([.,]\d{6})/ }
const ZONE: Element = { before: '', layout: 'Z07:00', take: /^(Z|[+-]\d\d:\d\d)/ }

const ELEMENTS: Readonly<Record<TimeFormat, readonly Element[]>> = {
  time: [YEAR, ...REST, ZONE],
  microTime: [YEAR, ...REST, FRACTION, ZONE],
}

const quoted = (text: string): string => JSON.stringify(text)

const doesNotFit = (text: string, layout: string, rest: string, element: string): ReadTime => ({
  problem: `parsing time ${quoted(text)} as ${quoted(layout)}: cannot parse ${quoted(rest)} as ${quoted(element)}`,
})

const outOfRange = (text: string, what: string): ReadTime => ({
  problem: `parsing time ${quoted(text)}: ${what} out of range`,
})

/** What an element takes off the rest, or the answer that it does not fit. */
function takeElement(text: string, rest: string, element: Element, layout: string): string | ReadTime {
  const { before, layout: part, take, limits } = element
  if (!rest.startsWith(before)) return doesNotFit(text, layout, rest, before)
  const found = take.exec(rest.slice(before.length))?.[1]
  if (found === undefined || (part === '2006' && !/^\d{4}$/.test(found)))
    return doesNotFit(text, layout, rest.slice(before.length), part)
  if (limits && (Number(found) < limits[1] || Number(found) > limits[2])) return outOfRange(text, limits[0])
  return rest.slice(before.length + found.length)
}

/** A layout without a fraction skips one behind the seconds. */
const afterSeconds = (rest: string, format: TimeFormat): string =>
  format === 'time' ? rest.replace(/^[.,]\d+/, '') : rest

/** Undefined when every element fits. */
function problemWith(text: string, format: TimeFormat): ReadTime | undefined {
  let rest = text
  for (const element of ELEMENTS[format]) {
    const left = takeElement(text, rest, element, LAYOUTS[format])
    if (typeof left !== 'string') return left
    rest = element.layout === '05' ? afterSeconds(left, format) : left
  }
  if (rest) return { problem: `parsing time ${quoted(text)}: extra text: ${quoted(rest)}` }
  if (!isDayOfMonth(text)) return outOfRange(text, 'day')
  return zoneIsFar(text) ? outOfRange(text, 'time zone offset hour') : undefined
}

const zoneIsFar = (text: string): boolean => Number(/[+-](\d\d):\d\d$/.exec(text)?.[1] ?? 0) > 24

function isDayOfMonth(text: string): boolean {
  const unix = parseUnix(`${text.slice(0, 10)}T00:00:00Z`)
  return unix !== undefined && text.slice(8, 10) !== '00' && unixTimestamp(unix).slice(0, 10) === text.slice(0, 10)
}

const CANONICAL: Readonly<Record<TimeFormat, RegExp>> = {
  time: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/,
  microTime: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/,
}

/** The first instant of the year 1 is no time at all: it is written as null. */
const NO_TIME = '0001-01-01T00:00:00'

function canonical(text: string, format: TimeFormat): string {
  const clock = text.replace(/T(\d):/, 'T0$1:').replace(',', '.')
  const whole = unixTimestamp(parseUnix(clock)!)
  const fraction = /\.(\d+)/.exec(clock)?.[1] ?? ''
  return format === 'time' ? whole : whole.replace('Z', `.${fraction.padEnd(6, '0').slice(0, 6)}Z`)
}

/** The canonical text of a time, null for no time, or the problem. */
export function readTime(text: string, format: TimeFormat): ReadTime {
  if (!CANONICAL[format].test(text)) {
    const problem = problemWith(text, format)
    if (problem) return problem
    text = canonical(text, format)
  }
  return { text: text.startsWith(NO_TIME) && !/\.\d*[1-9]/.test(text) ? null : text }
}
