/** A container's log over HTTP: all of it at once, or, followed, what is printed from then on until the container ends. */
import type { ServerResponse } from 'node:http'
import { isStatus } from '../../engine/api/status.ts'
import type { KubeletQuestion } from '../../engine/apiserver/doors/kubelet.ts'
import { follows, logOptions, logText, uidOf } from '../../engine/cluster/kubelet-answers.ts'
import type { World } from '../../engine/cluster/world.ts'
import { getSorted } from '../../engine/std/sorted.ts'
import type { LiveWorld } from '../live-world.ts'

const HEADERS = { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' }

/** A container that has ended prints no more, and neither does one whose Pod is gone. */
export function isRunning(world: World, question: KubeletQuestion): boolean {
  const machine = getSorted(world.machines, question.node)
  const record = machine && getSorted(machine.pods, uidOf(world, question))
  return (
    record?.runtime.containers.some(({ name, state }) => name === question.container && state === 'running') ?? false
  )
}

/** `first` is what the options select of the log as it is now. */
export function sendLog(response: ServerResponse, question: KubeletQuestion, first: string, live: LiveWorld): void {
  response.writeHead(200, HEADERS)
  if (!follows(question)) {
    response.end(first)
    return
  }
  response.flushHeaders()
  const { tailLines: _tail, limitBytes: _limit, ...options } = logOptions(question, live.now())
  const whole = (): string => {
    const text = logText(live.now(), question, options)
    return isStatus(text) ? '' : text
  }
  let told = whole().length
  if (first) response.write(first)
  const tell = () => {
    const text = whole()
    if (text.length > told) response.write(text.slice(told))
    told = Math.max(told, text.length)
    if (!isRunning(live.now(), question)) response.end()
  }
  const leave = live.listen(tell)
  response.on('close', leave)
  tell()
}
