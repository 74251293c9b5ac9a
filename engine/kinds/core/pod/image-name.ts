/**
 * Names of images: `registry/repository:tag@digest`. A Pod that asks for `latest`, or for no tag, wants whatever is
 * newest and pulls every time; a name that is no name is found out later, by the kubelet.
 *
 * Upstream: pkg/util/parsers/parsers.go, github.com/distribution/reference
 */
const SEPARATED = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const REFERENCE = new RegExp(
  `^(?:(${DOMAIN})/)?(${SEPARATED}(?:/${SEPARATED})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
)

export interface ImageName {
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

/** The parts of an image's name; undefined when it is not one. The tag is `latest` when neither tag nor digest is said. */
export function parseImageName(image: string): ImageName | undefined {
  const match = REFERENCE.exec(image)
  if (!match || /^[a-f0-9]{64}$/.test(image)) return undefined
  const [, domain, path, tag = '', digest = ''] = match
  return { repository: domain ? `${domain}/${path}` : path!, tag: tag || (digest ? '' : 'latest'), digest }
}

export const pullPolicyOf = (image: string): 'Always' | 'IfNotPresent' =>
  parseImageName(image)?.tag === 'latest' ? 'Always' : 'IfNotPresent'
