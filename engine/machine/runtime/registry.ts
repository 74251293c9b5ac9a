/**
 * What registries hold: the images this simulation knows, with the tags that exist, what they weigh and what they run. Everything
 * else does not exist, and a registry says so in the words of containerd and of the public hub.
 *
 * Upstream: containerd's resolver and puller (texts of 2.4), the distribution API.
 * Left out: layers shared between images, mirrors, rate limits, platforms other than linux/amd64.
 */
import type { Millis } from '../../std/time.ts'
import type { RegistryImage } from './image-content.ts'
import type { ImageReference } from './image-reference.ts'
import { PUBLIC_IMAGES } from './public-images.ts'

/** A bit more than a gigabit, and some time to ask. */
const BYTES_PER_MILLI = 60_000
const ROUND_TRIPS: Millis = 400

export const pullTime = (image: RegistryImage): Millis =>
  image.pullMillis ?? ROUND_TRIPS + Math.round(image.sizeBytes / BYTES_PER_MILLI)

const KNOWN_REGISTRIES: ReadonlySet<string> = new Set([
  'docker.io',
  'registry.k8s.io',
  'k8s.gcr.io',
  'gcr.io',
  'us.gcr.io',
  'us-docker.pkg.dev',
  'quay.io',
  'ghcr.io',
  'mcr.microsoft.com',
  'public.ecr.aws',
])

export interface Credentials {
  readonly username: string
  readonly password: string
}

export type Fetched = { readonly image: RegistryImage } | { readonly problem: string }

const failedTo = (reference: ImageReference, problem: string): Fetched => ({
  problem: `failed to pull and unpack image "${reference.name}": failed to resolve image: ${problem}`,
})

const notFound = (reference: ImageReference): Fetched => ({
  problem: `rpc error: code = NotFound desc = failed to pull and unpack image "${reference.name}": failed to resolve image: ${reference.name}: not found`,
})

const matches = (image: RegistryImage, { tag, digest }: ImageReference): boolean =>
  digest === undefined ? image.tags.includes(tag ?? 'latest') : image.digest === digest

const denied =
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'

const IP_WITH_PORT = /^\d+\.\d+\.\d+\.\d+:\d+$/

/** A host that is no registry: nothing listens there, or nobody has that name. */
function noRegistry(reference: ImageReference, nameserver: string): Fetched {
  const { registry, path, tag, digest } = reference
  const asked = `failed to do request: Head "https://${registry}/v2/${path}/manifests/${digest ?? tag}"`
  if (IP_WITH_PORT.test(registry))
    return failedTo(reference, `${asked}: dial tcp ${registry}: connect: connection refused`)
  const host = registry.split(':', 1)[0]
  return failedTo(reference, `${asked}: dial tcp: lookup ${host} on ${nameserver}:53: no such host`)
}

/** What an account that is wrong, or none, is told about a private repository. */
function refusal(reference: ImageReference, credentials: Credentials | undefined): Fetched {
  if (!credentials) return failedTo(reference, denied)
  const token = 'https://auth.docker.io/token'
  const scope = `repository%3A${encodeURIComponent(reference.path)}%3Apull`
  return failedTo(
    reference,
    `failed to authorize: failed to fetch oauth token: unexpected status from GET request to ${token}?scope=${scope}&service=registry.docker.io: 401 Unauthorized`,
  )
}

const mayFetch = ({ account }: RegistryImage, credentials: Credentials | undefined): boolean =>
  !account || (account.username === credentials?.username && account.password === credentials.password)

/** Asks the registry an image's name points to. */
export function fetchImage(
  reference: ImageReference,
  mirror: readonly RegistryImage[],
  credentials: Credentials | undefined,
  nameserver: string,
): Fetched {
  const inMirror = mirror.filter(({ repository }) => repository === reference.repository)
  const known = inMirror.length > 0 ? inMirror : (PUBLIC_IMAGES.get(reference.repository) ?? [])
  const image = known.find((candidate) => matches(candidate, reference))
  if (image) return mayFetch(image, credentials) ? { image } : refusal(reference, credentials)
  if (known.length > 0) return notFound(reference)
  if (!KNOWN_REGISTRIES.has(reference.registry)) return noRegistry(reference, nameserver)
  return reference.registry === 'docker.io' ? failedTo(reference, denied) : notFound(reference)
}
