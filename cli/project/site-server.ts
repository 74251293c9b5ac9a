/** Serves the built site on loopback: files and nothing else, from one folder and nowhere above it. */
import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.xml': 'application/xml',
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

function pathIn(root: string, url: string): string | undefined {
  let path: string
  try {
    path = normalize(join(root, decodeURIComponent(new URL(url, 'http://localhost').pathname)))
  } catch {
    return undefined
  }
  if (path !== root && !path.startsWith(root + sep)) return undefined
  return [path, join(path, 'index.html')].find(isFile)
}

function send(root: string, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const found = pathIn(root, request.url ?? '/')
  const path = found ?? join(root, '404.html')
  const type = TYPES[extname(path)] ?? 'application/octet-stream'
  const caching = path.includes(`${sep}_astro${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache'
  response.writeHead(found ? 200 : 404, { 'content-type': type, 'cache-control': caching })
  if (request.method === 'HEAD') response.end()
  else
    createReadStream(path)
      .on('error', () => response.destroy())
      .pipe(response)
}

const listening = (server: Server, port: number): Promise<boolean> =>
  new Promise((settle, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? settle(false) : fail(error)))
    server.listen(port, '127.0.0.1', () => settle(true))
  })

export interface Serving {
  readonly address: string
  readonly close: () => Promise<void>
}

/** On the first free port from `port` on; any free one for 0. */
export async function serveSite(root: string, port: number): Promise<Serving> {
  for (let at = port; at < port + 100; at++) {
    const server = createServer((request, response) => send(root, request, response))
    if (!(await listening(server, at))) continue
    const { port: taken } = server.address() as AddressInfo
    return {
      address: `http://127.0.0.1:${taken}/`,
      close: () => new Promise((settle) => void server.close(() => settle())),
    }
  }
  throw new Error(`no free port from ${port} to ${port + 99}`)
}
