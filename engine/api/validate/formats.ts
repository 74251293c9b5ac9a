/**
 * What names, labels, ports and keys may look like, and the words with which the API explains it. A format returns
 * all that is wrong with a text; nothing means that it is fine.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/{util/validation,api/validate/content}
 */
import { byteLength } from '../../std/byte-length.ts'
import type { Format } from './check.ts'

const NONE: readonly string[] = []

/** `message (e.g. 'a',  or 'b', regex used for validation is '…')`, as upstream joins them. */
export const patternText = (message: string, source: string, examples: readonly string[]): string =>
  `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${source}')`

interface Pattern {
  readonly source: string
  readonly message: string
  readonly examples: readonly string[]
}

const compiled = (source: string): RegExp => new RegExp(`^${source}$`)

function shaped({ source, message, examples }: Pattern, most?: number, unit = 'characters'): Format {
  const pattern = compiled(source)
  const text = patternText(message, source, examples)
  const long = `must be no more than ${most} ${unit}`
  return (value) => {
    const tooLong = most !== undefined && byteLength(value) > most
    if (pattern.test(value)) return tooLong ? [long] : NONE
    return tooLong ? [long, text] : [text]
  }
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const UNDERSCORED = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const QUALIFIED_TEXT =
  "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const QUALIFIED_EXAMPLES = ['MyName', 'my.name', '123-abc']

const DNS_LABEL: Pattern = {
  source: LABEL,
  message:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
}

const DNS_SUBDOMAIN: Pattern = {
  source: `${LABEL}(\\.${LABEL})*`,
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
}

export const dnsSubdomain = shaped(DNS_SUBDOMAIN, 253)

const plainLabel = shaped(DNS_LABEL, 63)
const dotted = compiled(DNS_SUBDOMAIN.source)

/** A name that would be fine but for its dots is told just that. */
export const dnsLabel: Format = (text) =>
  plainLabel(text).map((detail) => (detail.startsWith('a ') && dotted.test(text) ? 'must not contain dots' : detail))

export const dnsSubdomainWithUnderscore = shaped(
  {
    source: `${UNDERSCORED}(\\.${UNDERSCORED})*`,
    message:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
    examples: ['example.com'],
  },
  253,
)

/** Names of Services: they become host names, and host names once had to begin with a letter. */
export const dns1035Label = shaped(
  {
    source: '[a-z]([-a-z0-9]*[a-z0-9])?',
    message:
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    examples: ['my-name', 'abc-123'],
  },
  63,
)

export const labelValue = shaped(
  {
    source: `(${QUALIFIED})?`,
    message: `a valid label must be an empty string or ${QUALIFIED_TEXT}`,
    examples: ['MyValue', 'my_value', '12345'],
  },
  63,
  'bytes',
)

const subdomainPrefix = shaped(DNS_SUBDOMAIN, 253, 'bytes')
const qualified = compiled(QUALIFIED)
const NAME_PART = patternText(`name part must ${QUALIFIED_TEXT}`, QUALIFIED, QUALIFIED_EXAMPLES)
const LABEL_KEY = `${patternText(
  `a valid label key must ${QUALIFIED_TEXT}`,
  QUALIFIED,
  QUALIFIED_EXAMPLES,
)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`

const prefixProblems = (prefix: string): readonly string[] =>
  prefix === '' ? ['prefix part must be non-empty'] : subdomainPrefix(prefix).map((detail) => `prefix part ${detail}`)

function namePartProblems(name: string): readonly string[] {
  const problems: string[] = []
  if (name === '') problems.push('name part must be non-empty')
  else if (byteLength(name) > 63) problems.push('name part must be no more than 63 bytes')
  if (!qualified.test(name)) problems.push(NAME_PART)
  return problems
}

/** Keys of labels and annotations, conditions, finalizers, resources: `name` or `prefix.example.com/name`. */
export const qualifiedName: Format = (text) => {
  const parts = text.split('/')
  if (parts.length === 1) return qualified.test(text) && text.length <= 63 ? NONE : namePartProblems(text)
  if (parts.length > 2) return [LABEL_KEY]
  return [...prefixProblems(parts[0]!), ...namePartProblems(parts[1]!)]
}

const PORT_NAME = /^[-a-z0-9]+$/

/** An IANA service name: the name of a port. */
export const portName: Format = (text) => {
  const problems: string[] = []
  if (text.length > 15) problems.push('must be no more than 15 characters')
  if (!PORT_NAME.test(text)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(text)) problems.push('must contain at least one letter (a-z)')
  if (text.includes('--')) problems.push('must not contain consecutive hyphens')
  if (text.startsWith('-') || text.endsWith('-')) problems.push('must not begin or end with a hyphen')
  return problems
}

const dotProblem = (text: string): readonly string[] =>
  text === '.'
    ? ["must not be '.'"]
    : text === '..'
      ? ["must not be '..'"]
      : text.startsWith('..')
        ? ["must not start with '..'"]
        : NONE

const configKey = shaped(
  {
    source: '[-._a-zA-Z0-9]+',
    message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    examples: ['key.name', 'KEY_NAME', 'key-name'],
  },
  253,
)

/** Keys of ConfigMaps and Secrets, which become names of files. */
export const configMapKey: Format = (text) => [...configKey(text), ...dotProblem(text)]

/** Since 1.34 a variable's name may hold any printable ASCII letter but `=`. */
export const envVarName: Format = (text) =>
  /^[ -<>-~]+$/.test(text)
    ? NONE
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]

export const httpHeaderName = shaped({
  source: '[-A-Za-z0-9]+',
  message: "a valid HTTP header must consist of alphanumeric characters or '-'",
  examples: ['X-Header-Name'],
})

export const percent = shaped({
  source: '[0-9]+%',
  message: "a valid percent string must be a numeric string followed by an ending '%'",
  examples: ['1%', '93%'],
})

/** Names that end in a generated suffix may themselves end in a hyphen. */
export const asPrefix = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
