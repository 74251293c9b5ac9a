/**
 * `kubectl attach`: what the first process of a container prints from now on.
 *
 * Left out: typing at it.
 */
import type { WebSocket } from 'ws'
import { isStatus } from '../../engine/api/status.ts'
import type { KubeletQuestion } from '../../engine/apiserver/doors/kubelet.ts'
import { logText } from '../../engine/cluster/kubelet-answers.ts'
import type { LiveWorld } from '../live-world.ts'
import { CHANNEL, endStream, sendOn } from './channels.ts'
import { isRunning } from './logs.ts'

export function runAttach(connection: WebSocket, question: KubeletQuestion, live: LiveWorld): void {
  const printed = (): string => {
    const text = logText(live.now(), question, {})
    return isStatus(text) ? '' : text
  }
  let told = printed().length
  function tell(): void {
    const text = printed()
    sendOn(connection, CHANNEL.stdout, text.slice(told))
    told = Math.max(told, text.length)
    if (isRunning(live.now(), question)) return
    leave()
    endStream(connection, 0)
  }
  const leave = live.listen(tell)
  connection.on('error', () => {})
  connection.on('close', leave)
  tell()
}
