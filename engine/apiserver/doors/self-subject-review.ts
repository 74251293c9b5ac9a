/** Tells who is asking, as the server sees it. Upstream: pkg/registry/authentication/selfsubjectreview */
import type { Draft } from '../../api/object.ts'
import { timestamp } from '../../std/time.ts'
import type { Stage } from '../exchange.ts'
import type { User } from '../request.ts'
import { authorize } from '../stages/authorize.ts'
import { understand } from '../stages/understand.ts'
import type { Door } from './door.ts'

export const userInfo = ({ name, uid, groups, extra }: User): Draft => ({
  username: name,
  ...(uid && { uid }),
  ...(groups.length > 0 && { groups }),
  ...(extra && { extra }),
})

const review: Stage = (exchange, _server, at) => {
  const body = {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: timestamp(at.now) },
    status: { userInfo: userInfo(exchange.request.user) },
  }
  return { ...exchange, response: { code: 201, body: body as never } }
}

export const selfSubjectReview: Door = {
  resources: ['selfsubjectreviews.authentication.k8s.io'],
  plans: { create: [authorize, understand, review] },
}
