/**
 * nginx: serves what lies in /usr/share/nginx/html, its welcome page when nobody has put anything there.
 *
 * Left out: its configuration; it listens on port 80 whatever /etc/nginx says.
 */
import { EPOCH, unixTimestamp } from '../../std/time.ts'
import type { HttpRequest, HttpResponse, ProgramHost } from './program.ts'
import { page, pathOf, serving } from './web-server.ts'

const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>
</body>
</html>
`

const notFound = (): HttpResponse =>
  page(
    '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
    404,
  )

const ROOT = '/usr/share/nginx/html'

function answer(request: HttpRequest, host: ProgramHost): HttpResponse {
  const path = pathOf(request)
  const file = path.endsWith('/') ? `${path}index.html` : path
  const text = host.files.read(`${ROOT}${file}`)
  if (typeof text === 'string') return page(text)
  const isOverlaid = host.files.stat(ROOT) !== undefined
  return file === '/index.html' && !isOverlaid ? page(WELCOME) : notFound()
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `05/Jan/2026:09:00:00 +0000` */
function logTime(now: number): string {
  const [date = '', time = ''] = unixTimestamp(EPOCH + now)
    .slice(0, -1)
    .split('T')
  const [year, month, day] = date.split('-')
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`
}

export function accessLine(request: HttpRequest, response: HttpResponse, host: ProgramHost): string {
  const agent = request.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? '-'
  const [client] = request.remote.split(':')
  return `${client} - - [${logTime(host.now())}] "${request.method} ${request.path} HTTP/1.1" ${response.code} ${response.body.length} "-" "${agent}" "-"\n`
}

const BANNER = [
  '/docker-entrypoint.sh: Configuration complete; ready for start up',
  'nginx/1.29.1: start worker processes',
  '',
].join('\n')

const PORTS = [80]

export const nginx = serving({ ports: () => PORTS, banner: () => BANNER, answer, log: accessLine })
