/** Begins a watch. What it tells is asked for later. See ../watch.ts */
import { isStatus } from '../../api/status.ts'
import type { Stage } from '../exchange.ts'
import { openWatch } from '../watch.ts'

const OPENED = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } as const

export const watch: Stage = (exchange, _server, at) => {
  const opened = openWatch(exchange.request, exchange.resource, exchange.store, at.now)
  return isStatus(opened) ? opened : { ...exchange, response: { code: 200, body: OPENED, watch: opened } }
}
