/** `kubectl cluster-info`: where the cluster is. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/clusterinfo */
import { goJsonOf } from '../../std/go-value.ts'
import type { TreeMap } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { askTyped } from '../describe/describer.ts'
import { listAt, textAt } from '../describe/text.ts'
import { ALL_NAMESPACES_FLAG } from '../flag-groups.ts'
import { connectionOf } from '../kubeconfig.ts'
import { PRINT_FLAGS } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse } from '../refusal.ts'
import { say } from '../session.ts'
import { findObjects, namespaceOf } from '../targets.ts'

/** Through which address of the API server a Service answers, or from outside through its own. */
function linkTo(service: TreeMap, server: string): string {
  const [ingress] = listAt(service, 'status', 'loadBalancer', 'ingress')
  const ports = listAt(service, 'spec', 'ports')
  if (ingress)
    return ports
      .map((port) => `http://${textAt(ingress, 'ip') || textAt(ingress, 'hostname')}:${textAt(port, 'port')} `)
      .join('')
  const [port] = ports
  const scheme = port && (port.name === 'https' || port.port === 443) ? 'https:' : ''
  const suffix = port && (textAt(port, 'name') || scheme) ? `:${textAt(port, 'name')}` : ''
  return `${server}/api/v1/namespaces/${textAt(service, 'metadata', 'namespace')}/services/${scheme}${textAt(service, 'metadata', 'name')}${suffix}/proxy`
}

function showServices(invocation: Invocation): Refusal | undefined {
  const { flags, session } = invocation
  const connection = connectionOf(session.client, flags)
  if (isRefusal(connection)) return connection
  const home = {
    ...flags,
    text: (name: string) => (name === 'namespace' ? flags.text(name) || 'kube-system' : flags.text(name)),
  }
  const found = findObjects(
    { ...session, flags: home },
    {
      args: ['services'],
      labelSelector: 'kubernetes.io/cluster-service=true',
      question: { accept: 'application/json, */*' },
    },
  )
  if (isRefusal(found)) return found
  if (found.refusals[0]) return found.refusals[0]
  say(session, `Kubernetes control plane is running at ${connection.server}\n`)
  for (const { object } of found.targets)
    say(
      session,
      `${textAt(object, 'metadata', 'labels', 'kubernetes.io/name') || textAt(object, 'metadata', 'name')} is running at ${linkTo(object, connection.server)}\n`,
    )
  return undefined
}

function run(invocation: Invocation): Ending {
  const refusal = showServices(invocation)
  say(invocation.session, "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
  return refusal
}

const DUMPED = [
  ['api/v1', 'events'],
  ['api/v1', 'replicationcontrollers'],
  ['api/v1', 'services'],
  ['apis/apps/v1', 'daemonsets'],
  ['apis/apps/v1', 'deployments'],
  ['apis/apps/v1', 'replicasets'],
  ['api/v1', 'pods'],
] as const

/** Everything as JSON, one list after another. */
function dump({ flags, session }: Invocation): Ending {
  if (flags.text('output') !== 'json' || flags.text('output-directory'))
    return refuse('cluster-info dump is modelled only as JSON on standard output')
  const named = flags.list('namespaces')
  const namespaces = named.length > 0 ? named : [...new Set(['kube-system', namespaceOf(session)])]
  const paths = [
    '/api/v1/nodes',
    ...namespaces.flatMap((namespace) =>
      DUMPED.map(([prefix, plural]) => `/${prefix}/namespaces/${namespace}/${plural}`),
    ),
  ]
  for (const path of paths) {
    const list = askTyped(session, path)
    if (isRefusal(list)) return list
    say(session, `${goJsonOf(list, { indent: '    ', keepOrder: true })}\n`)
  }
  return undefined
}

const dumpCommand: Command = {
  name: 'dump',
  usage: '[flags]',
  short: 'Dump relevant information for debugging and diagnosis',
  help: 'Print nodes, and what runs in kube-system and the present namespace, as JSON.',
  examples: ['kubectl cluster-info dump'],
  flags: {
    ...ALL_NAMESPACES_FLAG,
    ...PRINT_FLAGS,
    namespaces: { kind: 'stringSlice', help: 'The namespaces to print.' },
    output: { kind: 'string', short: 'o', default: 'json', help: 'How to print.' },
    'output-directory': { kind: 'string', help: 'Where to write files; - or nothing for standard output.' },
    'pod-running-timeout': { kind: 'duration', default: '20s', help: 'How long to wait for a Pod to run.' },
  },
  run: dump,
}

export const clusterInfoCommand: Command = {
  name: 'cluster-info',
  usage: '[flags]',
  short: 'Display cluster information',
  group: 'Cluster Management Commands',
  help: 'Show the addresses of the control plane, and of Services labelled kubernetes.io/cluster-service=true.',
  examples: ['kubectl cluster-info'],
  flags: {},
  commands: [dumpCommand],
  run,
}
