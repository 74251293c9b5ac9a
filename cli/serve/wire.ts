/** Between Node's HTTP and the engine's: bodies read within a limit, answers written in their form, compressed where that pays. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { failure, type Status } from '../../engine/api/status.ts'
import { PROTOBUF_TYPE } from '../../engine/apiserver/http/body.ts'
import type { HttpRequest, HttpResponse } from '../../engine/apiserver/http/serve-http.ts'

/** What upstream takes: three mebibytes. */
export const MOST_BYTES = 3 * 1024 * 1024

export const tooLarge = (): Status =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MOST_BYTES}`)

/** The body, or undefined when there is more of it than anyone may send; the rest is not kept. */
export function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let length = 0
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length <= MOST_BYTES) pieces.push(piece)
      else resolve(undefined)
    })
    request.on('end', () => resolve(Buffer.concat(pieces)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the client went away')))
  })
}

const isProtobuf = (type: unknown): boolean => String(type ?? '').startsWith(PROTOBUF_TYPE)

export function httpRequestFrom(request: IncomingMessage, body: Buffer): HttpRequest {
  const headers: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers[name] = value
  const { method = 'GET', url: path = '/' } = request
  return { method, path, headers, body: body.toString(isProtobuf(headers['content-type']) ? 'latin1' : 'utf8') }
}

export const isText = (response: HttpResponse): response is HttpResponse & { readonly body: string } =>
  typeof response.body === 'string'

function bytesOf(response: HttpResponse): Buffer {
  if (response.body === undefined) return Buffer.alloc(0)
  if (isText(response))
    return Buffer.from(response.body, isProtobuf(response.headers['Content-Type']) ? 'latin1' : 'utf8')
  return Buffer.from(`${JSON.stringify(response.body)}\n`)
}

/** Shorter answers go as they are, as upstream does. */
const COMPRESSED_FROM = 128 * 1024

export function sendResponse(request: IncomingMessage, response: ServerResponse, answer: HttpResponse): void {
  const bytes = bytesOf(answer)
  const compressed = bytes.length > COMPRESSED_FROM && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  response.writeHead(answer.code, {
    ...(answer.headers as Record<string, string | string[]>),
    ...(compressed && { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' }),
  })
  response.end(compressed ? gzipSync(bytes, { level: 1 }) : bytes)
}

export const statusResponse = (status: Status): HttpResponse => ({
  code: status.code ?? 500,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' },
  body: status as unknown as Record<string, unknown>,
})
