/**
 * `kubectl create KIND NAME`: an object made from flags. All of them work alike: one name, an object, and then it is printed
 * (`--dry-run=client`) or sent. A generator only says what its object is.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/create
 */
import { goJsonOf } from '../../../std/go-value.ts'
import { isMap, type TreeMap } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import type { Flags, FlagValues } from '../../flags.ts'
import { connectionOf } from '../../kubeconfig.ts'
import { DRY_RUN_FLAG, type DryRun, dryRunOf, dryRunSuffix, PRINT_FLAGS, printerFor } from '../../printers/output.ts'
import { isRefusal, messageOf, type Refusal, refuse, usageRefusal } from '../../refusal.ts'
import { ACCEPT_TYPED, ask, type Session } from '../../session.ts'
import { typedObject } from '../../typed.ts'

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

export const VALIDATE_FLAG: Flags = {
  validate: {
    kind: 'string',
    default: 'strict',
    alone: 'strict',
    help: 'How to treat unknown and doubled fields: "strict" (or true) refuses, "warn" warns, "ignore" (or false) drops them.',
  },
}

export const SAVE_CONFIG_FLAG: Flags = {
  'save-config': { kind: 'bool', help: 'Keep the configuration in an annotation, so that `kubectl apply` can follow.' },
}

export const fieldManagerFlag = (name: string): Flags => ({
  'field-manager': { kind: 'string', default: name, help: 'The name under which the fields are owned.' },
})

const GENERATOR_FLAGS: Flags = {
  ...DRY_RUN_FLAG,
  ...fieldManagerFlag('kubectl-create'),
  ...PRINT_FLAGS,
  ...SAVE_CONFIG_FLAG,
  ...VALIDATE_FLAG,
}

const DIRECTIVE: Readonly<Record<string, string>> = {
  strict: 'Strict',
  true: 'Strict',
  warn: 'Warn',
  ignore: 'Ignore',
  false: 'Ignore',
}

/** What --validate asks of the server. */
export function fieldValidationOf(flags: FlagValues): string | Refusal {
  const option = flags.text('validate')
  return (
    DIRECTIVE[option.toLowerCase()] ??
    refuse(`invalid - validate option "${option}"; must be one of: strict (or true), warn, ignore (or false)`)
  )
}

/** The object with its own configuration in an annotation. */
export function withLastApplied(object: TreeMap, keepOrder: boolean): TreeMap {
  const metadata = isMap(object.metadata) ? object.metadata : {}
  const { [LAST_APPLIED]: _old, ...annotations } = isMap(metadata.annotations) ? metadata.annotations : {}
  const bare = { ...object, metadata: { ...metadata, ...(isMap(metadata.annotations) && { annotations }) } }
  const text = `${goJsonOf(bare, { keepOrder })}\n`
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } }
}

/** The one NAME that a generator takes. */
export const nameOf = ({ args, path, dashAt }: Invocation): string | Refusal => {
  const names = dashAt < 0 ? args : args.slice(0, dashAt)
  return names.length === 1 ? names[0]! : usageRefusal(path, `exactly one NAME is required, got ${names.length}`)
}

export interface Generator {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** What stands before a refusal: `failed to create configmap: `. */
  readonly failure?: string
  /** Everything but apiVersion, kind and the namespace. */
  readonly object: (invocation: Invocation, name: string, dryRun: DryRun) => TreeMap | Refusal
  /** The name, when it may stand in another way. */
  readonly name?: (invocation: Invocation) => string | Refusal
}

export interface GeneratorCommand {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly usage: string
  readonly short: string
  readonly help?: string
  readonly examples?: readonly string[]
  readonly flags: Flags
  readonly generator: Generator
}

const groupPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`

function post(
  session: Session,
  generator: Generator,
  object: TreeMap,
  namespace: string,
  query: Record<string, string>,
): TreeMap | Refusal {
  const scope = generator.namespaced ? `/namespaces/${namespace}` : ''
  const path = `${groupPath(generator.apiVersion)}${scope}/${generator.plural}`
  const created = ask(session, {
    method: 'POST',
    path,
    query,
    accept: ACCEPT_TYPED,
    contentType: 'application/json',
    body: object,
  })
  if (!isRefusal(created) || !generator.failure) return created
  return refuse(generator.failure + messageOf(created))
}

function namespaceIn(object: TreeMap, namespace: string | undefined): TreeMap {
  if (!namespace) return object
  const metadata = isMap(object.metadata) ? object.metadata : {}
  return { ...object, metadata: { ...metadata, namespace } }
}

function run(invocation: Invocation, generator: Generator): Ending {
  const { flags, session } = invocation
  const name = (generator.name ?? nameOf)(invocation)
  if (isRefusal(name)) return name
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const printer = printerFor(session, flags, { keepOrder: true, operation: `created${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const fieldValidation = fieldValidationOf(flags)
  if (isRefusal(fieldValidation)) return fieldValidation
  const made = generator.object(invocation, name, dryRun)
  if (isRefusal(made)) return made
  const connection = connectionOf(session.client, session.flags)
  const namespace = isRefusal(connection) ? 'default' : connection.namespace
  const named = namespaceIn(made, generator.namespaced && flags.given('namespace') ? namespace : undefined)
  const typed = typedObject({ apiVersion: generator.apiVersion, kind: generator.kind, ...named })
  const object = flags.on('save-config') ? withLastApplied(typed, true) : typed
  if (dryRun === 'client') return printer.print(typedObject(object))
  const query = { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags), fieldValidation }
  const created = post(session, generator, object, namespace, query)
  return isRefusal(created)
    ? created
    : printer.print(typedObject({ ...created, apiVersion: generator.apiVersion, kind: generator.kind }))
}

export const managerOf = (flags: FlagValues): { readonly fieldManager?: string } =>
  flags.text('field-manager') ? { fieldManager: flags.text('field-manager') } : {}

/** A sub-command of `create` from what its generator says. */
export const generatorCommand = ({ generator, flags, ...rest }: GeneratorCommand): Command => ({
  ...rest,
  flags: { ...GENERATOR_FLAGS, ...flags },
  run: (invocation) => run(invocation, generator),
})

/** Whole numbers as Go's strconv.ParseUint takes them, or its words. */
export function parseUint(text: string, limit: number): number | Refusal {
  if (!/^\d+$/.test(text)) return refuse(`strconv.ParseUint: parsing "${text}": invalid syntax`)
  return Number(text) > limit ? refuse(`strconv.ParseUint: parsing "${text}": value out of range`) : Number(text)
}

/** `5` as a number, anything else as text. */
export const intOrText = (text: string): number | string => (/^[+-]?\d+$/.test(text) ? Number(text) : text)
