/**
 * `kubectl config set` and `unset`: single properties by path. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/config/set.go
 * Left out: what Go says of its own pointers when a path ends at a map.
 */
import { base64OfText } from '../../../std/base64.ts'
import { goQuote } from '../../../std/go-text.ts'
import type { Tree } from '../../../std/tree.ts'
import { withoutKey } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { say } from '../../session.ts'
import { changeCurrent, changeEntry, changeFile, configOf, defaultFile, type Part } from './change.ts'
import { helpAndRefuse } from './entries.ts'

const PARTS: readonly string[] = ['clusters', 'users', 'contexts']
const SWITCHES = ['insecure-skip-tls-verify', 'disable-compression']

interface Property {
  readonly part: Part
  readonly name: string
  readonly field: string
}

/** `contexts.dev.namespace`; names may have dots, fields have none. */
function propertyOf(path: string): Property | Refusal {
  const parts = path.split('.')
  const [part = ''] = parts
  if (!PARTS.includes(part)) return refuse(`unable to parse ${path} after [] at api.Config`)
  if (parts.length < 3) return refuse(`can't set a map to a value: map[]`)
  return { part: part as Part, name: parts.slice(1, -1).join('.'), field: parts.at(-1)! }
}

function parsedValue({ flags }: Invocation, { field }: Property, text: string): Tree | Refusal {
  if (SWITCHES.includes(field)) return text === 'true'
  if (!field.endsWith('-data')) return text
  return flags.on('set-raw-bytes') ? base64OfText(text) : text
}

function setProperty(invocation: Invocation, path: string, text: string): Refusal | undefined {
  if (path === 'current-context') return changeCurrent(invocation, text)
  if (path.startsWith('preferences.')) return undefined
  const property = propertyOf(path)
  if (isRefusal(property)) return property
  const value = parsedValue(invocation, property, text)
  if (isRefusal(value)) return value
  const config = configOf(invocation)
  if (isRefusal(config)) return config
  return changeEntry(invocation, config, property.part, property.name, {
    ...config[property.part][property.name],
    [property.field]: value,
  })
}

function unsetProperty(invocation: Invocation, path: string): Refusal | undefined {
  if (path === 'current-context') return changeCurrent(invocation, '')
  const config = configOf(invocation)
  if (isRefusal(config)) return config
  if (PARTS.includes(path)) return changeFile(invocation, defaultFile(invocation), (old) => ({ ...old, [path]: {} }))
  const [part = '', ...names] = path.split('.')
  if (!PARTS.includes(part)) return refuse(`unable to parse ${path} after [] at api.Config`)
  const entries = config[part as Part]
  if (names.join('.') in entries) return changeEntry(invocation, config, part as Part, names.join('.'), undefined)
  const name = names.slice(0, -1).join('.')
  const entry = entries[name]
  if (!entry) return refuse(`current map key \`${name}\` is invalid`)
  return changeEntry(invocation, config, part as Part, name, withoutKey(entry, names.at(-1)!))
}

function runSet(invocation: Invocation): Ending {
  const { args, session } = invocation
  if (args.length !== 2) return helpAndRefuse(invocation, setValue, `Unexpected args: [${args.join(' ')}]`)
  const refusal = setProperty(invocation, args[0]!, args[1]!)
  if (!refusal) say(session, `Property ${goQuote(args[0]!)} set.\n`)
  return refusal
}

export const setValue: Command = {
  name: 'set',
  usage: 'PROPERTY_NAME PROPERTY_VALUE',
  short: 'Set an individual value in a kubeconfig file',
  examples: ['kubectl config set contexts.dev.namespace shop'],
  flags: { 'set-raw-bytes': { kind: 'bool', help: 'The value is no base64 yet.' } },
  run: runSet,
}

function runUnset(invocation: Invocation): Ending {
  const { args, session } = invocation
  if (args.length !== 1) return helpAndRefuse(invocation, unsetValue, `Unexpected args: [${args.join(' ')}]`)
  const refusal = unsetProperty(invocation, args[0]!)
  if (!refusal) say(session, `Property ${goQuote(args[0]!)} unset.\n`)
  return refusal
}

export const unsetValue: Command = {
  name: 'unset',
  usage: 'PROPERTY_NAME',
  short: 'Unset an individual value in a kubeconfig file',
  examples: ['kubectl config unset contexts.dev.namespace'],
  flags: {},
  run: runUnset,
}
