/** Finds what a program calls and nobody defines, before it runs. */
import type { Definition, Filter, Pattern } from './syntax.ts'

export interface UndefinedName {
  /** `foo/0`, `$x`. */
  readonly name: string
  readonly at: number
}

interface Known {
  readonly functions: ReadonlySet<string>
  readonly variables: ReadonlySet<string>
}

const variablesOf = (pattern: Pattern): readonly string[] => {
  if (pattern.is === 'variable') return [pattern.name]
  return pattern.is === 'list'
    ? pattern.items.flatMap(variablesOf)
    : pattern.fields.flatMap(({ value }) => variablesOf(value))
}

const withVariables = (known: Known, names: readonly string[]): Known => ({
  ...known,
  variables: new Set([...known.variables, ...names]),
})

function inDefinition(definition: Definition, known: Known): Known {
  const own = `${definition.name}/${definition.parameters.length}`
  const parameters = definition.parameters.map((name) => `${name.replace('$', '')}/0`)
  const names = definition.parameters.filter((name) => name.startsWith('$')).map((name) => name.slice(1))
  return withVariables({ ...known, functions: new Set([...known.functions, own, ...parameters]) }, names)
}

const isFilter = (value: unknown): value is Filter => typeof value === 'object' && value !== null && 'is' in value

/** The filters directly inside of one. */
function innerFilters(filter: Filter): readonly Filter[] {
  return Object.values(filter).flatMap((value) => {
    if (isFilter(value)) return [value]
    if (!Array.isArray(value)) return []
    return value.flatMap((item) =>
      isFilter(item) ? [item] : typeof item === 'object' ? Object.values(item as object).filter(isFilter) : [],
    )
  })
}

/** `isBuiltIn` knows the functions that every program has. */
export function undefinedNames(
  filter: Filter,
  isBuiltIn: (name: string) => boolean,
  variables: readonly string[],
): readonly UndefinedName[] {
  const search = (inner: Filter, known: Known): readonly UndefinedName[] => {
    const inside = (filters: readonly Filter[], more: Known) => filters.flatMap((one) => search(one, more))
    if (inner.is === 'variable')
      return known.variables.has(inner.name) ? [] : [{ name: `$${inner.name}`, at: inner.at }]
    if (inner.is === 'define') {
      const within = inDefinition(inner.definition, known)
      const name = `${inner.definition.name}/${inner.definition.parameters.length}`
      const rest = { ...known, functions: new Set([...known.functions, name]) }
      return [...search(inner.definition.body, within), ...search(inner.rest, rest)]
    }
    if (inner.is === 'bind' || inner.is === 'reduce' || inner.is === 'foreach') {
      const { source, pattern, ...rest } = inner
      const bodies = innerFilters(rest as Filter)
      return [...search(source, known), ...inside(bodies, withVariables(known, variablesOf(pattern)))]
    }
    const unknown =
      inner.is === 'call' &&
      !known.functions.has(`${inner.name}/${inner.args.length}`) &&
      !isBuiltIn(`${inner.name}/${inner.args.length}`)
    const own = unknown ? [{ name: `${inner.name}/${inner.args.length}`, at: inner.at }] : []
    return [...own, ...inside(innerFilters(inner), known)]
  }
  return search(filter, { functions: new Set(), variables: new Set(['ENV', ...variables]) })
}
