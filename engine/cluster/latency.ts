/**
 * How long things take on the way between a client and the API server, in milliseconds. On a real cluster they are a few
 * milliseconds, and nobody may depend on more than that they are above zero; a little chance keeps clients
 * from marching in step.
 */
import type { At } from '../std/at.ts'
import type { Millis } from '../std/time.ts'

/** From a write until a watcher hears of it. Everything written meanwhile comes with the same delivery. */
export const deliveryLatency = (at: At, client: string): Millis =>
  1 + Math.floor(at.draw('delivery', client, at.now) * 3)

/** From a decision until its request is answered. */
export const requestLatency = (at: At, client: string): Millis => 1 + Math.floor(at.draw('request', client, at.now) * 3)
