/** The functions of jq that turn values into a value, and those that are best said in jq itself. */
import { byteLength } from '../../../std/byte-length.ts'
import { parseUnix, unixTimestamp } from '../../../std/time.ts'
import {
  compare,
  isList,
  isObject,
  isTrue,
  type Json,
  type JsonObject,
  keysOf,
  kindOf,
  named,
  problem,
  textOf,
  write,
} from './json.ts'
import { calculate } from './operators.ts'
import { elementOf, indexesOf, type Path, setPath } from './paths.ts'
import { regularExpressionFunctions } from './regular-expressions.ts'
import { type Definition, parseDefinitions } from './syntax.ts'

export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>
  readonly unixSeconds: () => number
}

export type PlainFunction = (input: Json, args: readonly Json[], surroundings: Surroundings) => Json

function length(value: Json): Json {
  if (value === null) return 0
  if (typeof value === 'boolean') throw problem(`${named(value)} has no length`)
  if (typeof value === 'number') return Math.abs(value)
  if (typeof value === 'string') return [...value].length
  return isList(value) ? value.length : Object.keys(value as JsonObject).length
}

function keys(value: Json, sorted: boolean): readonly Json[] {
  if (isList(value)) return value.map((_item, at) => at)
  if (!isObject(value)) throw problem(`${named(value)} has no keys`)
  return sorted ? keysOf(value) : Object.keys(value)
}

function has(value: Json, key: Json): boolean {
  if (value === null && typeof key === 'string') return false
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key)
  if (isList(value) && typeof key === 'number') return key >= 0 && key < value.length
  throw problem(`Cannot check whether ${kindOf(value)} has a ${kindOf(key)} key`)
}

function contains(whole: Json, part: Json): boolean {
  if (isObject(whole) && isObject(part))
    return Object.keys(part).every((key) => Object.hasOwn(whole, key) && contains(whole[key]!, part[key]!))
  if (isList(whole) && isList(part)) return part.every((item) => whole.some((other) => sameKindContains(other, item)))
  if (typeof whole === 'string' && typeof part === 'string') return whole.includes(part)
  if (kindOf(whole) !== kindOf(part))
    throw problem(`${named(whole)} and ${named(part)} cannot have their containment checked`)
  return compare(whole, part) === 0
}

const sameKindContains = (whole: Json, part: Json): boolean => kindOf(whole) === kindOf(part) && contains(whole, part)

function listOf(value: Json, done: string): readonly Json[] {
  if (!isList(value)) throw problem(`${named(value)} cannot be ${done}, as it is not an array`)
  return value
}

/** What `.[]` goes through. */
function itemsOf(value: Json): readonly Json[] {
  if (isList(value)) return value
  if (!isObject(value)) throw problem(`Cannot iterate over ${named(value)}`)
  return Object.values(value)
}

interface Keyed {
  readonly item: Json
  readonly key: Json
}

function keyed(input: Json, keysGiven: Json, done: string): readonly Keyed[] {
  const items = listOf(input, done).map((item, at): Keyed => ({ item, key: (keysGiven as readonly Json[])[at]! }))
  return items.sort((a, b) => compare(a.key, b.key))
}

function groups(sorted: readonly Keyed[]): readonly (readonly Json[])[] {
  const found: Json[][] = []
  sorted.forEach(({ item, key }, at) => {
    const before = sorted[at - 1]
    if (before && compare(before.key, key) === 0) found.at(-1)!.push(item)
    else found.push([item])
  })
  return found
}

const extreme =
  (sign: 1 | -1): PlainFunction =>
  (input, [given]) => {
    const items = listOf(input, 'iterated over').map((item, at) => ({ item, key: (given as readonly Json[])[at]! }))
    if (items.length === 0) return null
    return items.reduce((best, next) => {
      const order = compare(next.key, best.key)
      return (sign > 0 ? order >= 0 : order < 0) ? next : best
    }).item
  }

function toNumber(value: Json): Json {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') throw problem(`${named(value)} cannot be parsed as a number`)
  const number = Number(value)
  if (value.trim() !== '' && !Number.isNaN(number)) return number
  throw problem(`Invalid numeric literal at EOF at line 1, column ${value.length} (while parsing '${value}')`)
}

function fromJson(value: Json): Json {
  if (typeof value !== 'string') throw problem(`${named(value)} only strings can be parsed`)
  try {
    return JSON.parse(value) as Json
  } catch {
    throw problem(`Invalid JSON text (while parsing '${value}')`)
  }
}

const bothTexts = (input: Json, other: Json, complaint: string): readonly [string, string] => {
  if (typeof input !== 'string' || typeof other !== 'string') throw problem(complaint)
  return [input, other]
}

const flat = (list: readonly Json[], depth: number): readonly Json[] =>
  list.flatMap((item) => (isList(item) && depth > 0 ? flat(item, depth - 1) : [item]))

function join(input: Json, separator: Json): Json {
  const piece = (item: Json): Json => (item === null ? '' : typeof item === 'object' ? item : textOf(item))
  const joined = itemsOf(input).reduce<Json>(
    (text, item) => calculate('+', text === null ? '' : calculate('+', text, separator), piece(item)),
    null,
  )
  return joined ?? ''
}

function indexes(input: Json, part: Json): Json {
  if (input === null) return null
  if (typeof input === 'string' && typeof part !== 'string') throw problem(`Cannot index string with ${kindOf(part)}`)
  if (isObject(input)) throw problem(`Cannot index object with ${kindOf(part)}`)
  if (typeof input !== 'string')
    return isList(part) ? indexesOf(input as readonly Json[], part) : indexesOf(input as readonly Json[], [part])
  const found: number[] = []
  const text = part as string
  for (let at = input.indexOf(text); at >= 0 && text !== ''; at = input.indexOf(text, at + 1)) found.push(at)
  return found
}

const entries = (input: Json): Json => keys(input, false).map((key) => ({ key, value: elementOf(input, key) }))

function fromUnixText(input: Json): Json {
  if (typeof input !== 'string') throw problem('strptime/1 requires string inputs and arguments')
  const unix = parseUnix(input)
  if (unix === undefined) throw problem(`date "${input}" does not match format "%Y-%m-%dT%H:%M:%SZ"`)
  return unix / 1000
}

function toUnixText(input: Json): Json {
  if (typeof input !== 'number') throw problem('strftime/1 requires parsed datetime inputs')
  return unixTimestamp(Math.floor(input) * 1000)
}

const texts = (input: Json, run: (text: string) => Json): Json => {
  if (typeof input !== 'string') throw problem('explode input must be a string')
  return run(input)
}

const numeric =
  (run: (number: number) => number): PlainFunction =>
  (input) => {
    if (typeof input !== 'number') throw problem(`${named(input)} number required`)
    return run(input)
  }

function imploded(input: Json): Json {
  if (!isList(input)) throw problem('implode input must be an array')
  const wrong = input.some((code) => typeof code !== 'number')
  if (wrong) throw problem('Unicode codepoint must be numeric')
  return String.fromCodePoint(...(input as readonly number[]))
}

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const upper = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())

const VALUES: Readonly<Record<string, PlainFunction>> = {
  'length/0': length,
  'utf8bytelength/0': (input) => {
    if (typeof input !== 'string') throw problem(`${named(input)} only strings have UTF-8 byte length`)
    return byteLength(input)
  },
  'keys/0': (input) => keys(input, true),
  'keys_unsorted/0': (input) => keys(input, false),
  'has/1': (input, [key]) => has(input, key!),
  'contains/1': (input, [part]) => contains(input, part!),
  'inside/1': (input, [whole]) => contains(whole!, input),
  'type/0': kindOf,
  'not/0': (input) => !isTrue(input),
  'to_entries/0': entries,
  'tostring/0': textOf,
  'tonumber/0': toNumber,
  'tojson/0': (input) => write(input),
  'fromjson/0': fromJson,
  'error/0': (input) => {
    throw problem(input)
  },
  'error/1': (_input, [value]) => {
    throw problem(value!)
  },
  'setpath/2': (input, [path, value]) => setPath(input, path as Path, value!),
  'env/0': (_input, _args, { environment }) => environment,
  'now/0': (_input, _args, { unixSeconds }) => unixSeconds(),
  'input_filename/0': () => null,
  'fromdate/0': fromUnixText,
  'fromdateiso8601/0': fromUnixText,
  'todate/0': toUnixText,
  'todateiso8601/0': toUnixText,
}

const LISTS: Readonly<Record<string, PlainFunction>> = {
  'sort/0': (input) => [...listOf(input, 'sorted')].sort(compare),
  '_sort_by/1': (input, [given]) => keyed(input, given!, 'sorted').map(({ item }) => item),
  '_group_by/1': (input, [given]) => groups(keyed(input, given!, 'grouped')),
  '_unique_by/1': (input, [given]) => groups(keyed(input, given!, 'grouped')).map(([first]) => first!),
  '_min_by/1': extreme(-1),
  '_max_by/1': extreme(1),
  'reverse/0': (input) =>
    typeof input === 'string'
      ? [...input].reverse().join('')
      : input === null
        ? []
        : [...listOf(input, 'reversed')].reverse(),
  'flatten/0': (input) => flat(itemsOf(input), Number.POSITIVE_INFINITY),
  'flatten/1': (input, [depth]) => flat(itemsOf(input), depth as number),
  'join/1': (input, [separator]) => join(input, separator!),
  'indices/1': (input, [part]) => indexes(input, part!),
  'index/1': (input, [part]) => (indexes(input, part!) as readonly Json[] | null)?.[0] ?? null,
  'rindex/1': (input, [part]) => (indexes(input, part!) as readonly Json[] | null)?.at(-1) ?? null,
  'transpose/0': (input) => {
    const rows = input as readonly (readonly Json[])[]
    const width = Math.max(0, ...rows.map((row) => row.length))
    return Array.from({ length: width }, (_, at) => rows.map((row) => row[at] ?? null))
  },
}

const TEXTS: Readonly<Record<string, PlainFunction>> = {
  'split/1': (input, [separator]) => {
    const [text, by] = bothTexts(input, separator!, 'split input and separator must be strings')
    return text === '' ? [] : text.split(by)
  },
  'startswith/1': (input, [start]) => {
    const [text, other] = bothTexts(input, start!, 'startswith() requires string inputs')
    return text.startsWith(other)
  },
  'endswith/1': (input, [end]) => {
    const [text, other] = bothTexts(input, end!, 'endswith() requires string inputs')
    return text.endsWith(other)
  },
  'ltrimstr/1': (input, [start]) =>
    typeof input === 'string' && typeof start === 'string' && input.startsWith(start)
      ? input.slice(start.length)
      : input,
  'rtrimstr/1': (input, [end]) =>
    typeof input === 'string' && typeof end === 'string' && end !== '' && input.endsWith(end)
      ? input.slice(0, -end.length)
      : input,
  'ascii_downcase/0': (input) => texts(input, lower),
  'ascii_upcase/0': (input) => texts(input, upper),
  'trim/0': (input) => texts(input, (text) => text.trim()),
  'explode/0': (input) => {
    if (typeof input !== 'string') throw problem('explode input must be a string')
    return [...input].map((letter) => letter.codePointAt(0)!)
  },
  'implode/0': imploded,
}

const NUMBERS: Readonly<Record<string, PlainFunction>> = {
  'floor/0': numeric(Math.floor),
  'ceil/0': numeric(Math.ceil),
  'round/0': numeric(Math.round),
  'sqrt/0': numeric(Math.sqrt),
  'fabs/0': numeric(Math.abs),
  'log/0': numeric(Math.log),
  'exp/0': numeric(Math.exp),
  'pow/2': (_input, [base, power]) => (base as number) ** (power as number),
  'infinite/0': () => Number.POSITIVE_INFINITY,
  'nan/0': () => Number.NaN,
  'isnan/0': (input) => Number.isNaN(input),
}

const PLAIN: Readonly<Record<string, PlainFunction>> = {
  ...VALUES,
  ...LISTS,
  ...TEXTS,
  ...NUMBERS,
  ...regularExpressionFunctions,
}

export const plainFunction = (name: string): PlainFunction | undefined =>
  Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined

const PRELUDE = `
def map(f): [.[] | f];
def select(f): if f then . else empty end;
def recurse: recurse(.[]?);
def recurse(f; condition): recurse(f | select(condition));
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def map_values(f): .[] |= f;
def add: reduce .[] as $item (null; . + $item);
def any: reduce .[] as $item (false; . or $item);
def all: reduce .[] as $item (true; . and $item);
def any(f): map(f) | any;
def all(f): map(f) | all;
def any(source; f): [source | f] | any;
def all(source; f): [source | f] | all;
def isempty(f): [limit(1; f)] == [];
def first(f): limit(1; f);
def last(f): reduce f as $item (null; $item);
def nth($at; f): last(limit($at + 1; f));
def first: .[0];
def last: .[-1];
def nth($at): .[$at];
def range($to): range(0; $to; 1);
def range($from; $to): range($from; $to; 1);
def range($from; $to; $by): $from | recurse(. + $by; if $by > 0 then . < $to else . > $to end)
  | select(if $by > 0 then . < $to else . > $to end);
def while(condition; f): def next: if condition then ., (f | next) else empty end; next;
def until(condition; f): def next: if condition then . else (f | next) end; next;
def repeat(f): def next: ., (f | next); next;
def sort_by(f): _sort_by(map([f]));
def group_by(f): _group_by(map([f]));
def unique_by(f): _unique_by(map([f]));
def unique: _unique_by(map(.));
def min_by(f): _min_by(map([f]));
def max_by(f): _max_by(map([f]));
def min: _min_by(map(.));
def max: _max_by(map(.));
def from_entries: reduce .[] as $entry ({}; . + {
  ($entry | if .key == null then .k // .name // .Name // .K // .Key else .key end
    | if type == "string" then . else tojson end):
  ($entry | if has("value") then .value else .Value end)});
def with_entries(f): to_entries | map(f) | from_entries;
def paths: path(..) | select(length > 0);
def paths(f): . as $whole | paths | select(. as $path | $whole | getpath($path) | f);
def leaf_paths: paths(scalars);
def delpaths($paths): reduce ($paths | sort | reverse)[] as $path (.; del(getpath($path)));
def in(whole): . as $key | whole | has($key);
def IN(source): any(source == .; .);
def IN(from; source): any(from == source; .);
def walk(f): . as $whole | if type == "object" then with_entries(.value |= walk(f)) | f
  elif type == "array" then map(walk(f)) | f else f end;
def combinations: if length == 0 then [] else .[0][] as $item | (.[1:] | combinations) as $rest | [$item] + $rest end;
def splits($pattern): splits($pattern; null);
def splits($pattern; $flags): split($pattern; $flags) | .[];
def match($pattern): _match($pattern; null) | .[];
def match($pattern; $flags): _match($pattern; $flags) | .[];
def capture($pattern): capture($pattern; null);
def capture($pattern; $flags): match($pattern; $flags)
  | [.captures | .[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def scan($pattern): _match($pattern; "g") | .[]
  | if (.captures | length) > 0 then [.captures | .[] | .string] else .string end;
def sub($pattern; replacement): sub($pattern; replacement; "");
def gsub($pattern; replacement): sub($pattern; replacement; "g");
def gsub($pattern; replacement; $flags): sub($pattern; replacement; $flags + "g");
def sub($pattern; replacement; $flags): . as $text
  | reduce _match($pattern; $flags)[] as $found ({at: 0, text: ""};
      ($found.captures | map(select(.name != null) | {key: .name, value: .string}) | from_entries | replacement) as $new
      | {at: ($found.offset + $found.length), text: (.text + $text[.at:$found.offset] + $new)})
  | .text + $text[.at:];
def ascii: [.] | implode;
`

const definitions = new Map<string, Definition>()

/** Functions said in jq, read when the first of them is called. */
export function preludeFunction(name: string): Definition | undefined {
  if (definitions.size === 0)
    for (const definition of parseDefinitions(PRELUDE))
      definitions.set(`${definition.name}/${definition.parameters.length}`, definition)
  return definitions.get(name)
}
