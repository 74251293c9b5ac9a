/**
 * What an image is called: `nginx`, `nginx:1.27`, `registry.example/team/app@sha256:…`. Names are completed the way
 * Docker began and everyone else kept: no registry means docker.io, no owner means library, no tag means latest.
 *
 * Upstream: github.com/distribution/reference, pkg/util/parsers
 */
export interface ImageReference {
  /** `docker.io/library/nginx` */
  readonly repository: string
  readonly registry: string
  /** `library/nginx` */
  readonly path: string
  readonly tag: string | undefined
  readonly digest: string | undefined
  /** Complete: `docker.io/library/nginx:latest`. */
  readonly name: string
}

export interface BadReference {
  readonly problem: string
}

export const isBadReference = (parsed: ImageReference | BadReference): parsed is BadReference => 'problem' in parsed

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/

const bad = (problem: string): BadReference => ({ problem: `invalid reference format${problem}` })

/** The registry is named by a dot, a port, `localhost`, or a capital, which no path may have. */
function splitRegistry(name: string): readonly [registry: string, path: string] {
  const slash = name.indexOf('/')
  const first = name.slice(0, slash)
  const isHost = slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  if (!isHost) return ['docker.io', name]
  return [first === 'index.docker.io' ? 'docker.io' : first, name.slice(slash + 1)]
}

/** Few images are named, and each of them by every Pod. */
const MOST_KNOWN = 10_000
const known = new Map<string, ImageReference | BadReference>()

export function parseImage(image: string): ImageReference | BadReference {
  const before = known.get(image)
  if (before) return before
  const parsed = parsedAnew(image)
  if (known.size < MOST_KNOWN) known.set(image, parsed)
  return parsed
}

function parsedAnew(image: string): ImageReference | BadReference {
  const [registry, remainder] = splitRegistry(image)
  const [named, digest] = splitOnce(remainder, '@')
  const [path, tag] = splitOnce(named, ':')
  if (path !== path.toLowerCase()) return bad(`: repository name (${path}) must be lowercase`)
  const full = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  if (!PATH.test(full) || !DOMAIN.test(registry)) return bad('')
  if ((tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !DIGEST.test(digest))) return bad('')
  const repository = `${registry}/${full}`
  const effective = tag ?? (digest === undefined ? 'latest' : undefined)
  const name = `${repository}${effective === undefined ? '' : `:${effective}`}${digest === undefined ? '' : `@${digest}`}`
  return { repository, registry, path: full, tag: effective, digest, name }
}

function splitOnce(text: string, mark: string): readonly [before: string, after: string | undefined] {
  const index = text.indexOf(mark)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}
