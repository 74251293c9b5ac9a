/**
 * Runs a jq program: every filter takes one value and hands on any number of them. When a program asks where values
 * stand (`path`, `del`, `=`), each value carries its path along.
 */
import { applyFormat } from './formats.ts'
import { plainFunction, preludeFunction } from './functions.ts'
import { isList, isObject, isProblem, isTrue, type Json, type JsonObject, named, problem, textOf } from './json.ts'
import { calculate } from './operators.ts'
import { deletePaths, elementOf, getPath, type Path, setPath, sliceOf } from './paths.ts'
import type { Definition, Filter, Pattern } from './syntax.ts'

/** A value, and where it stands when that is asked for; `lost` once it is made and not found. */
export interface Spot {
  readonly value: Json
  readonly path?: Path | 'lost'
}

export type Emit = (spot: Spot) => void

/** What lasts while a program runs. */
export interface Session {
  steps: number
  readonly inputs: () => Json | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly unixSeconds: () => number
}

interface Closure {
  readonly parameters: readonly string[]
  readonly body: Filter
  readonly scope: () => Scope
}

export interface Scope {
  readonly session: Session
  readonly variables: Readonly<Record<string, Json>>
  /** By name and count of arguments: `map/1`. */
  readonly functions: Readonly<Record<string, Closure>>
}

const MOST_STEPS = 3_000_000

interface Break {
  readonly broke: object
}

const isBreak = (thrown: unknown): thrown is Break => typeof thrown === 'object' && thrown !== null && 'broke' in thrown

/** A value that the program made: it stands nowhere. */
const made = (value: Json, { path }: Spot): Spot => (path === undefined ? { value } : { value, path: 'lost' })

const plain = ({ value }: Spot): Spot => ({ value })

function step({ value, path }: Spot, key: Json, next: (value: Json, key: Json) => Json): Spot {
  if (path === undefined) return { value: next(value, key) }
  if (path !== 'lost') return { value: next(value, key), path: [...path, key] }
  const what = typeof key === 'string' ? JSON.stringify(key) : textOf(key)
  throw problem(`Invalid path expression near attempt to access element ${what} of ${textOf(value)}`)
}

const values = (filter: Filter, scope: Scope, spot: Spot, emit: (value: Json) => void): void =>
  evaluate(filter, scope, plain(spot), ({ value }) => emit(value))

const allValues = (filter: Filter, scope: Scope, spot: Spot): readonly Json[] => {
  const all: Json[] = []
  values(filter, scope, spot, (value) => void all.push(value))
  return all
}

type Rule<Is extends Filter['is']> = (filter: Extract<Filter, { is: Is }>, scope: Scope, spot: Spot, emit: Emit) => void

type Rules = { readonly [Is in Filter['is']]: Rule<Is> }

function iterate({ of }: { readonly of: Filter }, scope: Scope, spot: Spot, emit: Emit): void {
  evaluate(of, scope, spot, (found) => {
    const { value } = found
    if (isList(value)) value.forEach((item, at) => void emit(step(found, at, () => item)))
    else if (isObject(value)) for (const key of Object.keys(value)) emit(step(found, key, () => value[key]!))
    else throw problem(`Cannot iterate over ${named(value)}`)
  })
}

function everything(spot: Spot, emit: Emit): void {
  emit(spot)
  const { value } = spot
  if (isList(value))
    value.forEach(
      (item, at) =>
        void everything(
          step(spot, at, () => item),
          emit,
        ),
    )
  else if (isObject(value))
    for (const key of Object.keys(value))
      everything(
        step(spot, key, () => value[key]!),
        emit,
      )
}

const ONLY_NULL: readonly Json[] = [null]

function slice({ of, from, to }: Extract<Filter, { is: 'slice' }>, scope: Scope, spot: Spot, emit: Emit): void {
  evaluate(of, scope, spot, (found) => {
    for (const end of to ? allValues(to, scope, spot) : ONLY_NULL)
      for (const start of from ? allValues(from, scope, spot) : ONLY_NULL)
        emit(step(found, { start, end }, (value) => sliceOf(value, start, end)))
  })
}

function text({ parts, format }: Extract<Filter, { is: 'text' }>, scope: Scope, spot: Spot, emit: Emit): void {
  const build = (at: number, sofar: string): void => {
    const part = parts[at]
    if (part === undefined) emit(made(sofar, spot))
    else if (typeof part === 'string') build(at + 1, sofar + part)
    else values(part, scope, spot, (value) => build(at + 1, sofar + applyFormat(format, value)))
  }
  build(0, '')
}

function object({ entries }: Extract<Filter, { is: 'object' }>, scope: Scope, spot: Spot, emit: Emit): void {
  const build = (at: number, sofar: JsonObject): void => {
    const entry = entries[at]
    if (!entry) emit(made(sofar, spot))
    else
      values(entry.key, scope, spot, (key) => {
        if (typeof key !== 'string') throw problem(`Object keys must be strings`)
        values(entry.value, scope, spot, (value) => build(at + 1, { ...sofar, [key]: value }))
      })
  }
  build(0, {})
}

function alternative({ left, right }: { left: Filter; right: Filter }, scope: Scope, spot: Spot, emit: Emit): void {
  const found: Spot[] = []
  try {
    evaluate(left, scope, spot, (one) => {
      if (isTrue(one.value)) found.push(one)
    })
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown
  }
  if (found.length > 0) found.forEach(emit)
  else evaluate(right, scope, spot, emit)
}

const logic =
  (decides: boolean) =>
  ({ left, right }: { readonly left: Filter; readonly right: Filter }, scope: Scope, spot: Spot, emit: Emit): void =>
    values(left, scope, spot, (value) => {
      if (isTrue(value) === decides) emit(made(decides, spot))
      else values(right, scope, spot, (other) => emit(made(isTrue(other), spot)))
    })

function attempt({ body, handler }: Extract<Filter, { is: 'try' }>, scope: Scope, spot: Spot, emit: Emit): void {
  let outside = false
  try {
    evaluate(body, scope, spot, (one) => {
      outside = true
      emit(one)
      outside = false
    })
  } catch (thrown) {
    // What goes wrong behind this filter is not for it to catch.
    if (outside || !isProblem(thrown)) throw thrown
    if (handler) evaluate(handler, scope, made(thrown.jq, spot), emit)
  }
}

/** All ways in which a pattern takes a value apart. */
function bind(pattern: Pattern, value: Json, scope: Scope, emit: (scope: Scope) => void): void {
  if (pattern.is === 'variable') emit({ ...scope, variables: { ...scope.variables, [pattern.name]: value } })
  else bindParts(pattern, value, scope, emit)
}

function bindParts(
  pattern: Exclude<Pattern, { is: 'variable' }>,
  value: Json,
  scope: Scope,
  emit: (scope: Scope) => void,
): void {
  const parts =
    pattern.is === 'list'
      ? pattern.items.map((item, at) => ({ key: { is: 'value', value: at } as Filter, value: item }))
      : pattern.fields
  const each = (at: number, inner: Scope): void => {
    const part = parts[at]
    if (!part) emit(inner)
    else
      values(part.key, inner, { value }, (key) =>
        bind(part.value, elementOf(value, key), inner, (bound) => each(at + 1, bound)),
      )
  }
  each(0, scope)
}

function fold(filter: Extract<Filter, { is: 'reduce' | 'foreach' }>, scope: Scope, spot: Spot, emit: Emit): void {
  const { source, pattern, start, update, extract } = filter
  evaluate(start, scope, spot, (first) => {
    let state: Spot | undefined = first
    values(source, scope, spot, (value) =>
      bind(pattern, value, scope, (inner) => {
        const before: Spot = state ?? made(null, spot)
        state = undefined
        evaluate(update, inner, before, (next) => {
          state = next
          if (filter.is === 'foreach') extract ? evaluate(extract, inner, next, emit) : emit(next)
        })
      }),
    )
    if (filter.is === 'reduce') emit(state ?? made(null, spot))
  })
}

/** Where a filter's values stand. */
export function pathsOf(filter: Filter, scope: Scope, value: Json, emit: (path: Path, value: Json) => void): void {
  evaluate(filter, scope, { value, path: [] }, (found) => {
    if (found.path === 'lost' || found.path === undefined)
      throw problem(`Invalid path expression with result ${textOf(found.value)}`)
    emit(found.path, found.value)
  })
}

const allPaths = (filter: Filter, scope: Scope, value: Json): readonly Path[] => {
  const paths: Path[] = []
  pathsOf(filter, scope, value, (path) => void paths.push(path))
  return paths
}

function update(filter: Filter, scope: Scope, spot: Spot, change: (value: Json) => Json | undefined): Json {
  let changed = spot.value
  const gone: Path[] = []
  for (const path of allPaths(filter, scope, spot.value)) {
    const next = change(getPath(changed, path))
    if (next === undefined) gone.push(path)
    else changed = setPath(changed, path, next)
  }
  return gone.length > 0 ? deletePaths(changed, gone) : changed
}

function assign(filter: Extract<Filter, { is: 'assign' }>, scope: Scope, spot: Spot, emit: Emit): void {
  const { operator, left, right } = filter
  const first = (value: Json): Json | undefined => firstOf(right, scope, value)
  if (operator === '|=') emit(made(update(left, scope, spot, first), spot))
  else
    values(right, scope, spot, (value) => {
      const change = (old: Json): Json => {
        if (operator === '=') return value
        return operator === '//=' ? (isTrue(old) ? old : value) : calculate(operator.slice(0, -1), old, value)
      }
      emit(made(update(left, scope, spot, change), spot))
    })
}

/** The first value of a filter, and no more work than that takes. */
export function firstOf(filter: Filter, scope: Scope, value: Json): Json | undefined {
  const label = {}
  let first: Json | undefined
  try {
    evaluate(filter, scope, { value }, (found) => {
      first = found.value
      throw { broke: label }
    })
  } catch (thrown) {
    if (!isBreak(thrown) || thrown.broke !== label) throw thrown
  }
  return first
}

const closureOf = ({ parameters, body }: Definition, scope: () => Scope): Closure => ({ parameters, body, scope })

function define({ definition, rest }: Extract<Filter, { is: 'define' }>, scope: Scope, spot: Spot, emit: Emit): void {
  const name = `${definition.name}/${definition.parameters.length}`
  const inner: Scope = {
    ...scope,
    functions: { ...scope.functions, [name]: closureOf(definition, () => inner) },
  }
  evaluate(rest, inner, spot, emit)
}

/** A parameter stands for a filter; one that is written with `$` also for each of its values. */
function bindArgument(
  parameter: string,
  argument: Filter,
  inner: Scope,
  scope: Scope,
  spot: Spot,
  emit: (scope: Scope) => void,
): void {
  const name = parameter.replace('$', '')
  const closure: Closure = { parameters: [], body: argument, scope: () => scope }
  const next: Scope = { ...inner, functions: { ...inner.functions, [`${name}/0`]: closure } }
  if (name === parameter) emit(next)
  else values(argument, scope, spot, (value) => emit({ ...next, variables: { ...next.variables, [name]: value } }))
}

function callClosure(closure: Closure, args: readonly Filter[], scope: Scope, spot: Spot, emit: Emit): void {
  const own = closure.scope()
  const withArgument = (at: number, inner: Scope): void => {
    const parameter = closure.parameters[at]
    if (parameter === undefined) evaluate(closure.body, inner, spot, emit)
    else bindArgument(parameter, args[at]!, inner, scope, spot, (next) => withArgument(at + 1, next))
  }
  withArgument(0, own)
}

/** A function that only turns values into a value: called for every combination of its arguments. */
function callPlain(
  run: (input: Json, args: readonly Json[], session: Session) => Json,
  args: readonly Filter[],
  scope: Scope,
  spot: Spot,
  emit: Emit,
): void {
  const each = (at: number, given: readonly Json[]): void => {
    if (at < 0) emit(made(run(spot.value, given, scope.session), spot))
    else values(args[at]!, scope, spot, (value) => each(at - 1, [value, ...given]))
  }
  each(args.length - 1, [])
}

type Special = (args: readonly Filter[], scope: Scope, spot: Spot, emit: Emit) => void

const recurse: Special = ([filter], scope, spot, emit) => {
  emit(spot)
  evaluate(filter!, scope, spot, (next) => recurse([filter!], scope, next, emit))
}

const limit: Special = ([count, filter], scope, spot, emit) =>
  values(count!, scope, spot, (most) => {
    let left = most as number
    const label = {}
    if (left <= 0) return
    try {
      evaluate(filter!, scope, spot, (one) => {
        left--
        emit(one)
        if (left <= 0) throw { broke: label }
      })
    } catch (thrown) {
      if (!isBreak(thrown) || thrown.broke !== label) throw thrown
    }
  })

function nextInput(scope: Scope): Json {
  const next = scope.session.inputs()
  if (next === undefined) throw problem('No more inputs')
  return next
}

/** Functions that see more than values: filters, paths, other inputs. */
const SPECIAL: Readonly<Record<string, Special>> = {
  'empty/0': () => undefined,
  'recurse/1': recurse,
  'limit/2': limit,
  'path/1': ([filter], scope, spot, emit) => pathsOf(filter!, scope, spot.value, (path) => emit(made(path, spot))),
  'getpath/1': ([path], scope, spot, emit) =>
    values(path!, scope, spot, (keys) => {
      const found = getPath(spot.value, keys as Path)
      emit(
        (keys as Path).reduce<Spot>((at, key, index) => {
          const value = index === (keys as Path).length - 1 ? found : at.value
          return step(at, key, () => value)
        }, spot),
      )
    }),
  'del/1': ([filter], scope, spot, emit) =>
    emit(made(deletePaths(spot.value, allPaths(filter!, scope, spot.value)), spot)),
  'input/0': (_args, scope, spot, emit) => emit(made(nextInput(scope), spot)),
  'inputs/0': (_args, scope, spot, emit) => {
    for (let next = scope.session.inputs(); next !== undefined; next = scope.session.inputs()) emit(made(next, spot))
  },
}

export const isSpecial = (name: string): boolean => Object.hasOwn(SPECIAL, name)

function call(filter: Extract<Filter, { is: 'call' }>, scope: Scope, spot: Spot, emit: Emit): void {
  const name = `${filter.name}/${filter.args.length}`
  const closure = scope.functions[name]
  const special = SPECIAL[name]
  const run = plainFunction(name)
  if (closure) callClosure(closure, filter.args, scope, spot, emit)
  else if (special) special(filter.args, scope, spot, emit)
  else if (run) callPlain(run, filter.args, scope, spot, emit)
  else
    callClosure(
      closureOf(preludeFunction(name)!, () => bareScope(scope)),
      filter.args,
      scope,
      spot,
      emit,
    )
}

const bareScope = ({ session }: Scope): Scope => ({ session, variables: {}, functions: {} })

const label: Rule<'label'> = ({ name, body }, scope, spot, emit) => {
  const mark = {}
  const inner = { ...scope, variables: { ...scope.variables, [`*${name}`]: mark as Json } }
  try {
    evaluate(body, inner, spot, emit)
  } catch (thrown) {
    if (!isBreak(thrown) || thrown.broke !== mark) throw thrown
  }
}

const RULES: Rules = {
  identity: (_filter, _scope, spot, emit) => emit(spot),
  everything: (_filter, _scope, spot, emit) => everything(spot, emit),
  value: ({ value }, _scope, spot, emit) => emit(made(value, spot)),
  text,
  format: ({ name }, _scope, spot, emit) => emit(made(applyFormat(name, spot.value), spot)),
  index: ({ of, key }, scope, spot, emit) =>
    evaluate(of, scope, spot, (found) => values(key, scope, spot, (at) => emit(step(found, at, elementOf)))),
  slice,
  iterate,
  negative: ({ of }, scope, spot, emit) =>
    values(of, scope, spot, (value) => {
      if (typeof value !== 'number') throw problem(`${named(value)} cannot be negated`)
      emit(made(-value, spot))
    }),
  list: ({ of }, scope, spot, emit) => emit(made(of ? allValues(of, scope, spot) : [], spot)),
  object,
  pipe: ({ left, right }, scope, spot, emit) =>
    evaluate(left, scope, spot, (found) => evaluate(right, scope, found, emit)),
  comma: ({ left, right }, scope, spot, emit) => {
    evaluate(left, scope, spot, emit)
    evaluate(right, scope, spot, emit)
  },
  alternative,
  and: logic(false),
  or: logic(true),
  binary: ({ operator, left, right }, scope, spot, emit) =>
    values(right, scope, spot, (other) =>
      values(left, scope, spot, (value) => emit(made(calculate(operator, value, other), spot))),
    ),
  assign,
  if: ({ condition, then, otherwise }, scope, spot, emit) =>
    values(condition, scope, spot, (value) => evaluate(isTrue(value) ? then : otherwise, scope, spot, emit)),
  try: attempt,
  bind: ({ source, pattern, body }, scope, spot, emit) =>
    values(source, scope, spot, (value) => bind(pattern, value, scope, (inner) => evaluate(body, inner, spot, emit))),
  reduce: fold,
  foreach: fold,
  define,
  call,
  variable: ({ name }, scope, spot, emit) =>
    emit(made(name === 'ENV' ? scope.session.environment : scope.variables[name]!, spot)),
  label,
  break: ({ name }, scope) => {
    const broke = scope.variables[`*${name}`] as object | undefined
    throw broke ? { broke } : problem(`$*label-${name} is not defined`)
  },
}

export function evaluate(filter: Filter, scope: Scope, spot: Spot, emit: Emit): void {
  if (++scope.session.steps > MOST_STEPS) throw problem('this program runs on and on; it was stopped')
  ;(RULES[filter.is] as Rule<Filter['is']>)(filter as never, scope, spot, emit)
}
