/**
 * The socket on loopback: TLS with the cluster's own certificates, and clear words for those who speak plain HTTP or nothing known.
 */
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createPlain, type Socket } from 'node:net'
import type { Certificates } from './certificates.ts'
import { type Gate, handleRequest } from './gate.ts'
import { handleUpgrade } from './upgrade.ts'

export interface Listener {
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'

/** The first byte of every TLS handshake. */
const HANDSHAKE = 22

const PLAIN_HTTP = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'

function secureServer(gate: Gate, { authority, server }: Certificates) {
  const secure = createHttps({
    key: server.key,
    cert: server.cert,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: false,
    // A watch is one response that may last for hours.
    requestTimeout: 0,
    headersTimeout: 60_000,
    keepAliveTimeout: 120_000,
  })
  secure.on('request', (incoming, outgoing) => void handleRequest(gate, incoming, outgoing))
  secure.on('upgrade', (incoming, socket, head) => handleUpgrade(gate, incoming, socket as Socket, head))
  secure.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })
  secure.on('tlsClientError', () => {})
  return secure
}

/** Looks at the first byte only, and lets the TLS server have the socket as if it had come to it. */
function greet(socket: Socket, secure: ReturnType<typeof secureServer>): void {
  socket.on('error', () => {})
  socket.once('data', (first: Buffer) => {
    if (first[0] !== HANDSHAKE) return void socket.end(PLAIN_HTTP)
    socket.pause()
    socket.unshift(first)
    secure.emit('connection', socket)
    process.nextTick(() => socket.resume())
  })
}

export function listen(gate: Gate, certificates: Certificates, port: number): Promise<Listener> {
  const secure = secureServer(gate, certificates)
  const sockets = new Set<Socket>()
  const front = createPlain((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    greet(socket, secure)
  })
  const close = () =>
    new Promise<void>((resolve) => {
      front.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return new Promise((resolve, reject) => {
    front.on('error', reject)
    front.listen(port, HOST, () => {
      const { port: chosen } = front.address() as AddressInfo
      resolve({ url: `https://${HOST}:${chosen}`, port: chosen, close })
    })
  })
}
