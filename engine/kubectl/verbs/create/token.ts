/** `kubectl create token`: asks the server for a token of a ServiceAccount. */
import { type TreeMap, treeAt } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { PRINT_FLAGS, printerFor } from '../../printers/output.ts'
import { isRefusal, messageOf, refuse } from '../../refusal.ts'
import { ACCEPT_TYPED, ask, say } from '../../session.ts'
import { namespaceOf } from '../../targets.ts'
import { nameOf } from './generator.ts'

const BOUND_KINDS: Readonly<Record<string, string>> = { Node: 'v1', Pod: 'v1', Secret: 'v1' }

function specOf({ flags }: Invocation): TreeMap {
  const [kind, name, uid] = ['bound-object-kind', 'bound-object-name', 'bound-object-uid'].map((flag) =>
    flags.text(flag),
  )
  const duration = flags.number('duration')
  return {
    audiences: flags.list('audience').length > 0 ? flags.list('audience') : null,
    expirationSeconds: duration > 0 ? Math.floor(duration / 1000) : null,
    boundObjectRef: kind ? { kind, apiVersion: BOUND_KINDS[kind]!, name: name!, ...(uid && { uid }) } : null,
  }
}

function problemWith({ flags }: Invocation): string | undefined {
  const [kind, name, uid] = ['bound-object-kind', 'bound-object-name', 'bound-object-uid'].map((flag) =>
    flags.text(flag),
  )
  const duration = flags.number('duration')
  if (duration < 0) return '--duration must be greater than or equal to 0'
  if (duration % 1000 !== 0) return '--duration cannot be expressed in units less than seconds'
  if (!kind && name) return '--bound-object-name can only be set if --bound-object-kind is provided'
  if (!kind && uid) return '--bound-object-uid can only be set if --bound-object-kind is provided'
  if (!kind) return undefined
  if (!BOUND_KINDS[kind])
    return `supported --bound-object-kind values are ${Object.keys(BOUND_KINDS).sort().join(', ')}`
  return name ? undefined : '--bound-object-name is required if --bound-object-kind is provided'
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const name = nameOf(invocation)
  if (isRefusal(name)) return name
  const problem = problemWith(invocation)
  if (problem) return refuse(problem)
  const answer = ask(session, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespaceOf(session)}/serviceaccounts/${name}/token`,
    accept: ACCEPT_TYPED,
    contentType: 'application/json',
    body: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec: specOf(invocation) },
  })
  if (isRefusal(answer))
    return answer.by === 'network' ? answer : refuse(`failed to create token: ${messageOf(answer)}`)
  const token = treeAt(answer, 'status', 'token')
  if (typeof token !== 'string' || token === '') return refuse('failed to create token: no token in server response')
  if (flags.text('output') === '' && flags.text('template') === '') {
    say(session, `${token}\n`)
    return undefined
  }
  const printer = printerFor(session, flags, { keepOrder: true })
  return isRefusal(printer)
    ? printer
    : printer.print({ ...answer, kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1' })
}

export const createToken: Command = {
  name: 'token',
  usage: 'SERVICE_ACCOUNT_NAME',
  short: 'Request a service account token',
  examples: ['kubectl create token robot', 'kubectl create token robot --duration=10m'],
  flags: {
    ...PRINT_FLAGS,
    audience: { kind: 'stringArray', help: 'Who is meant to accept the token; may be given several times.' },
    'bound-object-kind': { kind: 'string', help: 'The kind of object with which the token ends: Pod, Secret or Node.' },
    'bound-object-name': { kind: 'string', help: 'The name of that object.' },
    'bound-object-uid': { kind: 'string', help: 'The uid of that object.' },
    duration: { kind: 'duration', default: '0s', help: 'How long it is to be valid; the server decides in the end.' },
  },
  run,
}
