/** The requests of a step, in order: method and path. What is drawn or counted in a path has only its form compared. */
import type { HttpRequest } from '../../../engine/kubectl/client.ts'
import { encodeQuery } from '../../../engine/kubectl/session.ts'

export interface RecordedRequest {
  readonly method: string
  readonly path: string
}

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const RANDOM =
  /-(?:[bcdfghjklmnpqrstvwxz2456789]{8,10}-)?[bcdfghjklmnpqrstvwxz2456789]{5}(?=[/?&]|%2C|$)|-[bcdfghjklmnpqrstvwxz2456789]{8,10}(?=[/?&]|%2C|$)/g

/** The terms of a field selector come in any order: a map of Go's. */
const sortedTerms = (path: string): string =>
  path.replace(
    /fieldSelector=([^&]+)/,
    (_all, terms: string) => `fieldSelector=${terms.split('%2C').sort().join('%2C')}`,
  )

const plain = (path: string): string =>
  sortedTerms(
    path
      .replace(UID, '<uid>')
      .replace(RANDOM, '-<random>')
      .replace(/hash=[0-9A-F]+/, 'hash=<hash>')
      .replace(/timeoutSeconds=\d+/, 'timeoutSeconds=<seconds>')
      .replace(/resourceVersion=\d+/, 'resourceVersion=<version>')
      .replace(/continue=[^&]+/, 'continue=<token>'),
  )

export const recordedLine = ({ method, path }: RecordedRequest): string => `${method} ${plain(path)}`

export const sentLine = ({ method, path, query = {} }: HttpRequest): string =>
  recordedLine({ method, path: path + encodeQuery(query) })

/** A watch is one request however often it is looked at; streams of a kubelet are not HTTP here. */
function once(lines: readonly string[]): readonly string[] {
  const isWatch = (line: string): boolean => line.includes('watch=true')
  const place = (line: string): string => line.replace(/\?.*/, '')
  return lines.filter(
    (line, index) =>
      !isWatch(line) || index === 0 || !isWatch(lines[index - 1]!) || place(lines[index - 1]!) !== place(line),
  )
}

export function requestDifference(
  recorded: readonly RecordedRequest[],
  sent: readonly HttpRequest[],
): string | undefined {
  const [wanted, found] = [once(recorded.map(recordedLine)), once(sent.map(sentLine))]
  for (let index = 0; index < Math.max(wanted.length, found.length); index++)
    if (wanted[index] !== found[index])
      return `request ${index + 1}: ${found[index] ?? '(none)'} instead of ${wanted[index] ?? '(none)'}`
  return undefined
}
