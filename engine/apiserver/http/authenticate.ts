/**
 * Who asks: whom the connection identifies, or whom the token belongs to, or nobody in particular. A wrong token is worse than none.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/authentication/request
 * Left out: impersonation, OpenID Connect, authenticating proxies.
 */
import type { Status } from '../../api/status.ts'
import { userOfToken } from '../doors/service-account-token.ts'
import { unauthorized } from '../refusals.ts'
import type { User } from '../request.ts'
import type { ApiServer, AtServer } from '../server.ts'
import { type Door, type HttpRequest, header } from './serve-http.ts'

export const AUTHENTICATED = 'system:authenticated'

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

const withGroup = (user: User): User =>
  user.groups.includes(AUTHENTICATED) || user.name === ANONYMOUS.name
    ? user
    : { ...user, groups: [...user.groups, AUTHENTICATED] }

const bearerOf = (authorization: string): string | undefined => {
  const [scheme, token] = authorization.trim().split(/ +/)
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : undefined
}

export function authenticate(server: ApiServer, http: HttpRequest, door: Door, at: AtServer): User | Status {
  if (door.user) return withGroup(door.user)
  const token = bearerOf(header(http, 'authorization') ?? '')
  if (!token) return ANONYMOUS
  const user = door.tokens(token) ?? userOfToken(server.store, token, at)
  return user ? withGroup(user) : unauthorized()
}
