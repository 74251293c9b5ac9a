/**
 * The certificates of a served cluster, made anew at each start: an authority, the server's own, and the administrator's, by which kubectl
 * says who it is.
 *
 * Upstream: cmd/kubeadm/app/phases/certs
 */

import type { PeerCertificate } from 'node:tls'
import { generate } from 'selfsigned'
import type { User } from '../../engine/apiserver/request.ts'

export interface KeyPair {
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  readonly authority: KeyPair
  readonly server: KeyPair
  readonly administrator: KeyPair
}

const VALID_FOR_DAYS = 365
const DAY = 86_400_000

const dates = () => ({
  notBeforeDate: new Date(Date.now() - DAY),
  notAfterDate: new Date(Date.now() + VALID_FOR_DAYS * DAY),
})

const COMMON = { keyType: 'ec', algorithm: 'sha256' } as const

const named = (...names: readonly (readonly [name: string, value: string])[]) =>
  names.map(([name, value]) => ({ name, value }))

const GROUPS = ['kubeadm:cluster-admins', 'system:masters']

async function make(
  attributes: ReturnType<typeof named>,
  extensions: NonNullable<Parameters<typeof generate>[1]>['extensions'],
  authority?: KeyPair,
): Promise<KeyPair> {
  const options = { ...COMMON, ...dates(), ...(extensions && { extensions }), ...(authority && { ca: authority }) }
  const { cert, private: key } = await generate(attributes, options)
  return { cert, key }
}

const DNS = 2
const IP = 7
const NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]
const ADDRESSES = ['127.0.0.1', '::1', '10.96.0.1']

export async function makeCertificates(): Promise<Certificates> {
  const authority = await make(named(['commonName', 'kubernetes']), [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, digitalSignature: true, cRLSign: true, critical: true },
  ])
  const server = await make(
    named(['commonName', 'kube-apiserver']),
    [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...NAMES.map((value) => ({ type: DNS, value }) as const),
          ...ADDRESSES.map((ip) => ({ type: IP, ip }) as const),
        ],
      },
    ],
    authority,
  )
  const administrator = await make(
    named(...GROUPS.map((group) => ['organizationName', group] as const), ['commonName', 'kubernetes-admin']),
    [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
    authority,
  )
  return { authority, server, administrator }
}

/** Whom a certificate that our authority signed names: its common name, and a group for each organization. */
export function userOfCertificate({ subject }: PeerCertificate): User | undefined {
  if (!subject?.CN) return undefined
  const { CN, O: organizations = [] } = subject as { readonly CN: string | string[]; readonly O?: string | string[] }
  return { name: [CN].flat()[0]!, groups: [...[organizations].flat(), 'system:authenticated'] }
}
