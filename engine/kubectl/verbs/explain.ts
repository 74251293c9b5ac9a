/**
 * `kubectl explain`. The descriptions of fields are the server's own documentation, which this cluster does not carry; so the
 * command knows its arguments and its kinds, and says no more.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/explain. Left out: the explanations.
 */
import type { Command, Ending, Invocation } from '../command.ts'
import { resourceFor } from '../discovery.ts'
import { isRefusal, refuse } from '../refusal.ts'

function run({ args, session }: Invocation): Ending {
  if (args.length === 0)
    return refuse(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    )
  if (args.length > 1) return refuse('We accept only this format: explain RESOURCE')
  const resource = resourceFor(session, args[0]!.split('.')[0]!, 2)
  return isRefusal(resource)
    ? resource
    : refuse(
        `explanations are not modelled; see the reference of ${resource.kind} at https://kubernetes.io/docs/reference/kubernetes-api/`,
      )
}

export const explainCommand: Command = {
  name: 'explain',
  usage: 'TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [--output=plaintext|plaintext-openapiv2]',
  short: 'Get documentation for a resource',
  group: 'Basic Commands (Intermediate)',
  examples: ['kubectl explain pods.spec.containers'],
  flags: {
    'api-version': { kind: 'string', help: 'The version of the API to explain.' },
    output: { kind: 'string', short: 'o', default: 'plaintext', help: 'How to print: plaintext, plaintext-openapiv2.' },
    recursive: { kind: 'bool', short: 'R', help: 'With all fields below.' },
  },
  run,
}
