/**
 * The guestbook's web page: it shows what people wrote, and sends what they write to the redis leader; it reads from the
 * followers, so both Services have to work.
 */

import { accessLine } from './nginx.ts'
import type { HttpRequest, HttpResponse, ProgramHost } from './program.ts'
import { page, pathOf, plain, queryOf, serving } from './web-server.ts'

const PAGE = `<html ng-app="redis">
  <head><title>Guestbook</title></head>
  <body>
    <h2>Guestbook</h2>
    <form><input type="text" name="msg" placeholder="Messages"><button type="submit">Submit</button></form>
  </body>
</html>
`

const REDIS_PORT = 6379

function redisAnswer(host: ProgramHost, server: string, line: string): HttpResponse {
  const request: HttpRequest = {
    method: 'GET',
    path: `/?c=${encodeURIComponent(line)}`,
    headers: [],
    body: '',
    remote: '',
    local: `${server}:${REDIS_PORT}`,
  }
  const answer = host.fetch(server, REDIS_PORT, request)
  return 'error' in answer ? plain(`php_network_getaddresses: ${server}: ${answer.error}\n`, 500) : answer
}

/** `guestbook.php?cmd=set&key=messages&value=,hello` */
function guestbook(request: HttpRequest, host: ProgramHost): HttpResponse {
  const query = queryOf(request)
  const key = query.get('key') ?? 'messages'
  if (query.get('cmd') === 'set') {
    const answer = redisAnswer(host, 'redis-leader', `SET ${key} ${query.get('value') ?? ''}`)
    return answer.code === 200 ? plain('{"message": "Updated"}') : answer
  }
  const answer = redisAnswer(host, 'redis-follower', `GET ${key}`)
  return answer.code === 200 ? plain(`{"data": ${JSON.stringify(answer.body.trimEnd())}}`) : answer
}

export const guestbookFrontend = serving({
  ports: () => [80],
  answer: (request, host) => (pathOf(request) === '/guestbook.php' ? guestbook(request, host) : page(PAGE)),
  log: accessLine,
})
