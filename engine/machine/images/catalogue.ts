/** Every program there is, by the name images know it by. */
import { agnhost } from './agnhost.ts'
import { coredns } from './coredns.ts'
import { guestbookFrontend } from './guestbook-frontend.ts'
import { nginx } from './nginx.ts'
import type { Program } from './program.ts'
import { redis, redisCli, redisFollower } from './redis.ts'
import { shell } from './shell.ts'
import { crash, helloApp, httpd, httpEcho, listener, pause, serveHostname, stress } from './small-programs.ts'
import { switchableServer } from './switchable-server.ts'

const PROGRAMS: Readonly<Record<string, Program>> = {
  agnhost,
  coredns,
  crash,
  'guestbook-frontend': guestbookFrontend,
  'hello-app': helloApp,
  httpd,
  'http-echo': httpEcho,
  memcached: listener(11211, 'memcached: listening on 11211'),
  mongo: listener(27017, '{"msg":"Waiting for connections","attr":{"port":27017}}'),
  mysql: listener(
    3306,
    '[System] [Server] /usr/sbin/mysqld: ready for connections. port: 3306  MySQL Community Server - GPL.',
  ),
  nginx,
  pause,
  postgres: listener(5432, 'LOG:  database system is ready to accept connections'),
  rabbitmq: listener(5672, ' Server startup complete; 4 plugins started.'),
  redis,
  'redis-cli': redisCli,
  'redis-follower': redisFollower,
  'serve-hostname': serveHostname,
  shell,
  stress,
  'switchable-server': switchableServer,
} as Readonly<Record<string, Program>>

export function programNamed(name: string): Program {
  const program = PROGRAMS[name]
  if (!program) throw new Error(`no program is called ${name}`)
  return program
}
