/** The streams that share one WebSocket: the first byte of each message says which one it belongs to. Upstream: apimachinery/pkg/util/remotecommand */
import type { WebSocket } from 'ws'

export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

export function sendOn(connection: WebSocket, channel: number, text: string): void {
  if (text) connection.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]))
}

/** How a command ended, as the last message of its stream tells it. */
function endStatus(code: number) {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command, exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

const NORMAL = 1000

export function endStream(connection: WebSocket, code: number): void {
  sendOn(connection, CHANNEL.error, JSON.stringify(endStatus(code)))
  connection.close(NORMAL)
}
