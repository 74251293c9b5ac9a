/**
 * The parts of a request's URL, read as Go reads them.
 *
 * Upstream: net/url
 */
export interface Url {
  readonly path: string
  readonly query: Query
}

/** Every value of each parameter, in order. */
export type Query = ReadonlyMap<string, readonly string[]>

const ESCAPE = /%([0-9A-Fa-f]{2})/g

/** Undefined if a percent sign is followed by something else than two digits. */
export function unescaped(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  return text.includes('%') ? decodedBytes(text) : text
}

/** Bytes that are no text stay as they were written. */
function decodedBytes(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(ESCAPE, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  }
}

/** Parameters that cannot be read are skipped. */
export function parseQuery(text: string): Query {
  const query = new Map<string, string[]>()
  for (const part of text.split('&')) {
    if (part === '' || part.includes(';')) continue
    const equals = part.indexOf('=')
    const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
    const key = unescaped(name.replaceAll('+', ' '))
    const decoded = unescaped(value.replaceAll('+', ' '))
    if (key === undefined || decoded === undefined) continue
    query.set(key, [...(query.get(key) ?? []), decoded])
  }
  return query
}

/** The path and query of `/api/v1/pods?limit=1`; undefined if the path cannot be read. */
export function parseUrl(text: string): Url | undefined {
  const mark = text.indexOf('?')
  const path = unescaped(mark < 0 ? text : text.slice(0, mark))
  return path === undefined ? undefined : { path, query: parseQuery(mark < 0 ? '' : text.slice(mark + 1)) }
}

export const first = (query: Query, name: string): string | undefined => query.get(name)?.[0]
