/**
 * A watch over HTTP: the response stays open, and each event is a line of JSON, or a frame of protobuf. A client that reads slowly is
 * waited for; it gets what it missed when it reads again, or is told that it is too late.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/watch.go
 */
import type { ServerResponse } from 'node:http'
import type { Draft } from '../../engine/api/object.ts'
import { PROTOBUF_TYPE } from '../../engine/apiserver/http/body.ts'
import { writeWatchFrame } from '../../engine/apiserver/http/protobuf.ts'
import { representEvent } from '../../engine/apiserver/http/represent-event.ts'
import type { HttpResponse } from '../../engine/apiserver/http/serve-http.ts'
import { nextEvents, type Watch, type WatchEvent } from '../../engine/apiserver/watch.ts'
import type { World } from '../../engine/cluster/world.ts'
import type { LiveWorld } from '../live-world.ts'

type Opened = NonNullable<HttpResponse['watch']>

/** What has no protobuf form goes as JSON, so the whole stream does. */
const isBinary = ({ form }: Opened): boolean => form.mediaType === PROTOBUF_TYPE && form.transform === undefined

function written(opened: Opened, event: WatchEvent, world: World): string {
  const { type, object } = representEvent(event, opened.watch, opened.form, world.now, opened.include)
  if (!isBinary(opened)) return `${JSON.stringify({ type, object })}\n`
  return writeWatchFrame(type, object as Draft) ?? ''
}

const contentType = (opened: Opened): string =>
  isBinary(opened) ? `${PROTOBUF_TYPE};stream=watch` : 'application/json'

/** Watches that ask for bookmarks, or that end by themselves, are looked after even when nothing is written. */
const LOOK_EVERY = 1000

export function streamWatch(response: ServerResponse, answer: HttpResponse, live: LiveWorld): void {
  const opened = answer.watch!
  const encoding = isBinary(opened) ? 'latin1' : 'utf8'
  let watch: Watch = opened.watch
  let revision = -1
  let isWaiting = false

  function tell(isDue = false): void {
    const world = live.now()
    if (isWaiting || response.writableEnded || (!isDue && world.server.store.revision === revision)) return
    revision = world.server.store.revision
    const [next, events] = nextEvents(watch, world.server.store, world.now)
    watch = next
    if (events.length > 0) {
      const text = events.map((event) => written(opened, event, world)).join('')
      isWaiting = !response.write(text, encoding)
    }
    if (watch.ended) response.end()
  }

  const { 'Content-Type': _type, ...headers } = answer.headers as Record<string, string | string[]>
  response.writeHead(answer.code, { ...headers, 'Content-Type': contentType(opened) })
  response.flushHeaders()
  response.on('drain', () => {
    isWaiting = false
    tell(true)
  })
  const leave = live.listen(() => tell())
  const timer = setInterval(() => tell(true), LOOK_EVERY)
  response.on('close', () => {
    leave()
    clearInterval(timer)
  })
  tell(true)
}
