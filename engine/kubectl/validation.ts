/**
 * What kubectl does with a manifest before it sends it: it looks whether it is an object at all, and asks the server
 * whether it will check the fields itself. Servers since v1.27 do, so nothing more is checked here.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/validation. Left out: checking fields on this side, for servers that do not.
 */
import { goQuote } from '../std/go-text.ts'
import { isMap, treeAt } from '../std/tree.ts'
import { discover, splitGroupVersion } from './discovery.ts'
import type { Mapper } from './manifests.ts'
import { isRefusal, messageOf, type Refusal, refuse } from './refusal.ts'
import { type Session, send } from './session.ts'

const wrapped = (source: string, problem: string): Refusal =>
  refuse(
    `error validating ${goQuote(source)}: error validating data: ${problem}; if you choose to ignore these errors, turn validation off with --validate=false`,
  )

const textOf = (object: unknown, field: string): string => {
  const value = treeAt(object, field)
  return typeof value === 'string' ? value : ''
}

function shapeProblem(object: unknown): string | undefined {
  if (!isMap(object)) return 'invalid object to validate'
  const missing = ['apiVersion', 'kind'].filter((field) => textOf(object, field) === '')
  return missing.length > 0
    ? missing
        .map((field) => `${field} not set`)
        .join(', ')
        .replace(/^(.*), (.*)$/, '[$1, $2]')
    : undefined
}

/** What has been asked in this run, and in earlier ones: documents are kept with the other caches. */
interface Asked {
  index?: unknown
  oldDocument?: true
}

const cacheFile = (session: Session, url: string): string => {
  const directory = session.flags.text('cache-dir').replace('$HOME', session.client.env.HOME ?? '')
  return `${directory}/http/${url.replace(/[^\w.-]/g, '_')}`
}

function askDocument(session: Session, url: string): void {
  if (session.client.files.read(cacheFile(session, url)) !== undefined) return
  const [path = '', query = ''] = url.split('?')
  const parameters = Object.fromEntries(
    query
      .split('&')
      .filter(Boolean)
      .map((pair) => [pair.split('=')[0]!, pair.slice(pair.indexOf('=') + 1)]),
  )
  const response = send(session, {
    method: 'GET',
    path,
    query: { ...parameters, timeout: '32s' },
    accept: 'application/json',
  })
  if (!isRefusal(response) && response.code < 400) session.client.files.write(cacheFile(session, url), 'kept')
}

function askIndex(session: Session, asked: Asked): Refusal | undefined {
  if (asked.index !== undefined) return undefined
  const response = send(session, {
    method: 'GET',
    path: '/openapi/v3',
    query: { timeout: '32s' },
    accept: 'application/json, */*',
  })
  if (isRefusal(response)) return response
  asked.index = response.code < 400 ? response.body : {}
  return undefined
}

/** Asks for the document of the object's group, or for the old one that knows every kind. */
function askServer(session: Session, asked: Asked, apiVersion: string, kind: string): Refusal | undefined {
  const refusal = askIndex(session, asked)
  if (refusal) return refusal
  const { group, version } = splitGroupVersion(apiVersion)
  const key = group ? `apis/${group}/${version}` : `api/${version}`
  const url = treeAt(asked.index, 'paths', key, 'serverRelativeURL')
  if (typeof url === 'string' && !kind.endsWith('List')) askDocument(session, url)
  else if (!asked.oldDocument) {
    asked.oldDocument = true
    send(session, {
      method: 'GET',
      path: '/openapi/v2',
      query: { timeout: '32s' },
      accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    })
  }
  return undefined
}

/** A check of each document, as `apply`, `create` and `replace` make it. */
export function validator(session: Session, fieldValidation: string): Mapper {
  const asked: Asked = {}
  return (object, source) => {
    if (fieldValidation === 'Ignore') return undefined
    const problem = shapeProblem(object)
    if (problem) return wrapped(source, problem)
    const refusal = askServer(session, asked, textOf(object, 'apiVersion'), textOf(object, 'kind'))
    if (!refusal) {
      discover(session, 0)
      return undefined
    }
    const message = messageOf(refusal).replace('/openapi/v3', '/openapi/v2')
    return wrapped(source, `failed to download openapi: ${message}`)
  }
}
