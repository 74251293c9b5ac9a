/**
 * The token that a list ends with when there is more: at which version the list was taken, and where to go on.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/storage/continue.go
 */
import { base64OfText, decodeBase64 } from '../std/base64.ts'
import { utf8TextOf } from '../std/bytes.ts'
import { parseJson, withPlainNumbers } from '../std/json.ts'

export interface ContinueToken {
  /** -1: go on in whatever is there now. */
  readonly version: number
  /** Keys below the resource, from this one on: `sandbox/b\0` of all, `b\0` in a namespace. */
  readonly start: string
}

const TOKEN_VERSION = 'meta.k8s.io/v1'

export const continueToken = ({ version, start }: ContinueToken): string =>
  base64OfText(JSON.stringify({ v: TOKEN_VERSION, rv: version, start }))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

export interface TokenMistake {
  readonly mistake: string
}

const wrong = (text: string): TokenMistake => ({ mistake: `continue key is not valid: ${text}` })

type Json = { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown }

function parsed(text: string): Json | TokenMistake {
  const read = parseJson(text)
  return 'problem' in read ? wrong(read.problem) : (withPlainNumbers(read.value) as Json)
}

/** A path that climbs out of the collection is not one of ours. */
const isClean = (start: string): boolean => !`/${start}`.includes('/../') && !start.startsWith('/')

export function readContinueToken(token: string): ContinueToken | TokenMistake {
  const foreign = /[^A-Za-z0-9_-]/.exec(token)
  if (foreign) return wrong(`illegal base64 data at input byte ${foreign.index}`)
  const canonical = token.replaceAll('-', '+').replaceAll('_', '/')
  const bytes = decodeBase64(canonical.padEnd(Math.ceil(token.length / 4) * 4, '='))
  const json = parsed(utf8TextOf(bytes) ?? String.fromCharCode(...bytes))
  if ('mistake' in json) return json
  if (json.v !== TOKEN_VERSION) return wrong(`server does not recognize this encoded version ${json.v ?? ''}`)
  if (json.rv === undefined || json.rv === 0)
    return wrong(`incorrect encoded start resourceVersion (version ${TOKEN_VERSION})`)
  const start = String(json.start ?? '')
  if (start === '') return wrong(`empty start key (version ${TOKEN_VERSION})`)
  return isClean(start) ? { version: Number(json.rv), start } : wrong(start)
}
