/**
 * One type has four names: ours and OpenAPI's (`core.v1.PodSpec`), the class of the JavaScript client (`V1PodSpec`) and
 * the file of the models' package (`v1/PodSpec.d.ts`). This is how one finds the others.
 */
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

export interface TypeParts {
  readonly group: string
  readonly version: string
  readonly name: string
}

export function partsOf(type: string): TypeParts {
  const [group, version, name] = type.split('.')
  return { group: group!, version: version!, name: name! }
}

const OPENAPI_PREFIX: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis',
}

export const openapiName = (type: string): string => `${OPENAPI_PREFIX[partsOf(type).group] ?? 'io.k8s.api'}.${type}`

/** The more exact name first: only what is ambiguous carries its group. */
export function clientClasses(type: string): readonly string[] {
  const { group, version, name } = partsOf(type)
  return [`${capital(group)}${capital(version)}${name}`, `${capital(version)}${name}`]
}

/** Groups of the API by the first word, which is what type names carry. */
export const groupDirectories = (groups: readonly string[]): ReadonlyMap<string, string> =>
  new Map(groups.map((group) => [group.split('.')[0]!, group]))
