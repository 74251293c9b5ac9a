/**
 * Tokens of service accounts: asked for here, mounted into Pods, and shown to the server as proof of who one is. A token says in plain
 * words whose it is and until when; the server signs it with a number that only it can draw.
 *
 * Upstream: pkg/registry/core/serviceaccount/storage/token.go, pkg/serviceaccount/jwt.go
 * Left out: real signatures; tokens bound to Nodes.
 */
import type { Draft, KubeObject } from '../../api/object.ts'
import type { Problem } from '../../api/problem.ts'
import type { Status } from '../../api/status.ts'
import { invalid as invalidField } from '../../api/validate/problems.ts'
import { getObject, type Store } from '../../etcd/store.ts'
import { base64OfText, textOfBase64 } from '../../std/base64.ts'
import { type Draw, randomUid } from '../../std/draw.ts'
import { EPOCH, seconds, timestamp } from '../../std/time.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { badRequest, invalid, notFound } from '../refusals.ts'
import type { User } from '../request.ts'
import type { AtServer } from '../server.ts'
import { authorize } from '../stages/authorize.ts'
import { find } from '../stages/find.ts'
import { understand } from '../stages/understand.ts'
import type { Door } from './door.ts'
import { bodyOf, expecting, ownBody, readAs } from './read-body.ts'
import { userInfo } from './self-subject-review.ts'

export const AUDIENCE = 'https://kubernetes.default.svc.cluster.local'

const HOUR_SECONDS = 3600
const LEAST_SECONDS = 600
const MOST_SECONDS = 2 ** 32

interface BoundObject {
  readonly kind?: string
  readonly apiVersion?: string
  readonly name?: string
  readonly uid?: string
}

interface TokenRequest {
  readonly metadata?: { readonly name?: string }
  readonly spec?: {
    readonly audiences?: readonly string[]
    readonly expirationSeconds?: number
    readonly boundObjectRef?: BoundObject
  }
}

interface Claims {
  readonly iss: string
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly nbf: number
  readonly jti: string
  readonly sub: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: { readonly name: string; readonly uid: string }
    readonly pod?: { readonly name: string; readonly uid: string }
    readonly secret?: { readonly name: string; readonly uid: string }
  }
}

const urlText = (text: string): string =>
  base64OfText(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

const HEADER = urlText(JSON.stringify({ alg: 'RS256', kid: 'cluster' }))

const signature = (draw: Draw, body: string): string => urlText(String(draw('token signature', body)))

export function signed(claims: Claims, draw: Draw): string {
  const body = `${HEADER}.${urlText(JSON.stringify(claims))}`
  return `${body}.${signature(draw, body)}`
}

/** What a token says, if this server signed it. */
export function claimsOf(token: string, draw: Draw): Claims | undefined {
  const [header, payload = '', proof] = token.split('.')
  if (header !== HEADER || proof !== signature(draw, `${header}.${payload}`)) return undefined
  const text = payload.replaceAll('-', '+').replaceAll('_', '/')
  return JSON.parse(textOfBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='))) as Claims
}

const accountOf = (store: Store, { 'kubernetes.io': { namespace, serviceaccount } }: Claims): KubeObject | undefined =>
  getObject(store, 'serviceaccounts', `${namespace}/${serviceaccount.name}`)

/** A token dies with its account, and with the Pod or Secret that it is bound to. */
function isAlive(store: Store, claims: Claims): boolean {
  const { namespace, serviceaccount, pod, secret } = claims['kubernetes.io']
  if (accountOf(store, claims)?.metadata.uid !== serviceaccount.uid) return false
  if (pod) return getObject(store, 'pods', `${namespace}/${pod.name}`)?.metadata.uid === pod.uid
  return !secret || getObject(store, 'secrets', `${namespace}/${secret.name}`)?.metadata.uid === secret.uid
}

const extraOf = ({ jti, 'kubernetes.io': { pod } }: Claims): NonNullable<User['extra']> => ({
  'authentication.kubernetes.io/credential-id': [`JTI=${jti}`],
  ...(pod && {
    'authentication.kubernetes.io/pod-name': [pod.name],
    'authentication.kubernetes.io/pod-uid': [pod.uid],
  }),
})

/** Who a token stands for at this moment; undefined for nobody. */
export function userOfToken(store: Store, token: string, at: AtServer): User | undefined {
  const claims = claimsOf(token, at.draw)
  if (!claims || claims.exp * 1000 < EPOCH + at.now || !isAlive(store, claims)) return undefined
  const { namespace, serviceaccount } = claims['kubernetes.io']
  return {
    name: claims.sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: extraOf(claims),
  }
}

function problemsOf({ spec }: TokenRequest): readonly Problem[] {
  const wanted = spec?.expirationSeconds ?? HOUR_SECONDS
  const field = 'spec.expirationSeconds'
  if (wanted < LEAST_SECONDS) return [invalidField(field, wanted, 'may not specify a duration less than 10 minutes')]
  return wanted > MOST_SECONDS
    ? [invalidField(field, wanted, 'may not specify a duration larger than 2^32 seconds')]
    : []
}

const BOUND: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets' }

function claimsFor(exchange: Exchange, request: TokenRequest, at: AtServer): Claims {
  const account = exchange.old!
  const { name, namespace = '', uid } = account.metadata
  const issued = Math.floor((EPOCH + at.now) / 1000)
  const bound = request.spec?.boundObjectRef
  const object = bound && getObject(exchange.store, BOUND[bound.kind ?? ''] ?? '', `${namespace}/${bound.name}`)
  const part = object && { [bound.kind!.toLowerCase()]: { name: object.metadata.name, uid: object.metadata.uid } }
  return {
    iss: AUDIENCE,
    aud: request.spec?.audiences?.length ? request.spec.audiences : [AUDIENCE],
    exp: issued + (request.spec?.expirationSeconds ?? HOUR_SECONDS),
    iat: issued,
    nbf: issued,
    jti: randomUid(at.draw, 'token', namespace, name, at.now),
    sub: `system:serviceaccount:${namespace}:${name}`,
    'kubernetes.io': { namespace, serviceaccount: { name, uid }, ...part },
  }
}

const ABOUT = { group: 'authentication.k8s.io', kind: 'TokenRequest' }

/** What the token is to be bound to must be there, and of a kind that tokens are bound to. */
function unbindable(
  { store, old }: Exchange,
  { kind = '', apiVersion = '', name = '' }: BoundObject,
): Status | undefined {
  const plural = BOUND[kind]
  if (!plural) return badRequest(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`)
  const found = getObject(store, plural, `${old!.metadata.namespace}/${name}`)
  return found ? undefined : notFound({ group: '', plural }, name)
}

function wrongRequest(exchange: Exchange, request: TokenRequest): Status | undefined {
  const account = exchange.old!.metadata.name
  const named = request.metadata?.name
  if (named && named !== account)
    return invalid(ABOUT, account, [
      invalidField('metadata.name', named, 'must match the service account name if specified'),
    ])
  const problems = problemsOf(request)
  if (problems.length > 0) return invalid(ABOUT, '', problems)
  const bound = request.spec?.boundObjectRef
  return bound && unbindable(exchange, bound)
}

const issue: Stage = (exchange, _server, at) => {
  const request = bodyOf<TokenRequest>(exchange)
  const wrong = wrongRequest(exchange, request)
  if (wrong) return wrong
  const claims = claimsFor(exchange, request, at)
  const lives = request.spec?.expirationSeconds ?? HOUR_SECONDS
  const { name, namespace = '', uid } = exchange.old!.metadata
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: timestamp(at.now) },
    spec: {
      audiences: claims.aud,
      expirationSeconds: lives,
      boundObjectRef: request.spec?.boundObjectRef ?? null,
    },
    status: { token: signed(claims, at.draw), expirationTimestamp: timestamp(at.now + seconds(lives)) },
  }
  return { ...exchange, response: { code: 201, body: body as never } }
}

const AS_REQUEST = expecting('authentication.k8s.io', 'v1', 'TokenRequest')
const AS_REVIEW = expecting('authentication.k8s.io', 'v1', 'TokenReview')

/** An hour, when nothing else is asked for. */
const withLifetime: Stage = (exchange) => {
  const body = bodyOf<TokenRequest & Draft>(exchange)
  const expirationSeconds = body.spec?.expirationSeconds ?? HOUR_SECONDS
  return { ...exchange, body: { ...body, spec: { ...body.spec, expirationSeconds } } }
}

export const serviceAccountToken: Door = {
  resources: ['serviceaccounts'],
  subresource: 'token',
  plans: {
    create: [authorize, understand, readAs(AS_REQUEST), find, withLifetime, ownBody(AS_REQUEST), issue],
  },
}

const reviewToken: Stage = (exchange, _server, at) => {
  const { spec = {}, metadata = {} } = bodyOf<{
    metadata?: Draft
    spec?: { token?: string; audiences?: readonly string[] }
  }>(exchange)
  if (!spec.token) return badRequest('token is required for TokenReview in authentication')
  const user = userOfToken(exchange.store, spec.token ?? '', at)
  const audiences = spec.audiences ?? [AUDIENCE]
  const status = user
    ? { authenticated: true, user: userInfo(user), audiences }
    : { user: {}, error: 'invalid bearer token' }
  const body = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata, spec, status }
  return { ...exchange, response: { code: 201, body: body as never } }
}

export const tokenReview: Door = {
  resources: ['tokenreviews.authentication.k8s.io'],
  plans: {
    create: [authorize, understand, readAs(AS_REVIEW), ownBody(AS_REVIEW), reviewToken],
  },
}
