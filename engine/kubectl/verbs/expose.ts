/**
 * `kubectl expose`: a Service for what is running already; its selector and ports are read from the object.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/expose, pkg/polymorphichelpers
 */
import { isList, isMap, type Tree, type TreeMap, treeAt } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { changeFlags } from '../flag-groups.ts'
import { type DryRun, dryRunOf, dryRunSuffix, type Printer, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ask } from '../session.ts'
import { FILENAME_FLAGS, findObjects, namespaceOf, type Target } from '../targets.ts'
import { typedObject } from '../typed.ts'
import { intOrText, managerOf, SAVE_CONFIG_FLAG, withLastApplied } from './create/generator.ts'
import { overridden, parseLabelList } from './run.ts'

const EXPOSABLE = ['ReplicationController', 'Service', 'Pod', 'Deployment', 'ReplicaSet']

const kindName = ({ resource }: Target): string =>
  resource.group ? `${resource.kind}.${resource.group}` : resource.kind

/** The labels by which the object finds its Pods. */
function selectorOf({ object }: Target): TreeMap | Refusal {
  const kind = String(object.kind)
  const labels = treeAt(object, 'metadata', 'labels')
  const unable = (message: string): Refusal =>
    refuse(`couldn't retrieve selectors via --selector flag or introspection: ${message}`)
  if (kind === 'Pod') return isMap(labels) ? labels : unable('the pod has no labels and cannot be exposed')
  const selector = treeAt(object, 'spec', 'selector')
  if (kind === 'Service' || kind === 'ReplicationController')
    return isMap(selector) && Object.keys(selector).length > 0
      ? selector
      : unable(`the ${kind === 'Service' ? 'service' : 'replication controller'} has no pod selector set`)
  const expressions = treeAt(selector, 'matchExpressions')
  if (isList(expressions) && expressions.length > 0)
    return unable('couldn\'t convert expressions - "[...]" to map-based selector format')
  const matchLabels = treeAt(selector, 'matchLabels')
  return isMap(matchLabels) ? matchLabels : unable('invalid deployment: no selectors, therefore cannot be exposed')
}

interface Port {
  readonly port: string
  readonly protocol: string
}

function portsOf({ object }: Target): readonly Port[] {
  if (object.kind === 'Service') {
    const ports = treeAt(object, 'spec', 'ports')
    return (isList(ports) ? ports : []).map((port) => ({
      port: String(treeAt(port, 'port')),
      protocol: String(treeAt(port, 'protocol') ?? 'TCP'),
    }))
  }
  const spec = object.kind === 'Pod' ? treeAt(object, 'spec') : treeAt(object, 'spec', 'template', 'spec')
  const containers = treeAt(spec, 'containers')
  return (isList(containers) ? containers : []).flatMap((container) => {
    const ports = treeAt(container, 'ports')
    return (isList(ports) ? ports : []).map((port) => ({
      port: String(treeAt(port, 'containerPort')),
      protocol: String(treeAt(port, 'protocol') ?? 'TCP'),
    }))
  })
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)]

function servicePorts({ flags }: Invocation, known: readonly Port[]): Tree[] | Refusal {
  const asked = flags.text('port')
  const numbers = asked ? asked.split(',') : unique(known.map(({ port }) => port))
  if (numbers.length === 0 && flags.text('cluster-ip') !== 'None')
    return refuse("couldn't find port via --port flag or introspection")
  const ports: Tree[] = []
  for (const [index, number] of numbers.entries()) {
    if (!/^[+-]?\d+$/.test(number)) return refuse(`strconv.Atoi: parsing "${number}": invalid syntax`)
    const protocols = flags.text('protocol')
      ? [flags.text('protocol')]
      : unique(known.filter(({ port }) => port === number).map(({ protocol }) => protocol))
    const several = protocols.length > 1
    for (const protocol of several ? protocols : [protocols[0] ?? 'TCP']) {
      const name = several
        ? `port-${index + 1}-${protocol.toLowerCase()}`
        : numbers.length > 1
          ? `port-${index + 1}`
          : ''
      const targetPort = flags.text('target-port') ? intOrText(flags.text('target-port')) : Number(number)
      ports.push({ name, protocol, port: Number(number), targetPort })
    }
  }
  return ports
}

const AFFINITIES = ['', 'None', 'ClientIP']

function serviceOf(invocation: Invocation, target: Target): TreeMap | Refusal {
  const { flags } = invocation
  const selector = flags.text('selector') ? parseLabelList(flags.text('selector')) : selectorOf(target)
  if (isRefusal(selector)) return selector
  const ports = servicePorts(invocation, portsOf(target))
  if (isRefusal(ports)) return ports
  const own = treeAt(target.object, 'metadata', 'labels')
  const labels = flags.text('labels') ? parseLabelList(flags.text('labels')) : isMap(own) ? own : {}
  if (isRefusal(labels)) return labels
  const affinity = flags.text('session-affinity')
  if (!AFFINITIES.includes(affinity)) return refuse(`unknown session affinity: ${affinity}`)
  const type = flags.text('type')
  return typedObject({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: flags.text('name') || target.name.slice(0, 63), labels },
    spec: {
      ports,
      selector,
      clusterIP: flags.text('cluster-ip'),
      type,
      externalIPs: flags.text('external-ip') ? [flags.text('external-ip')] : [],
      sessionAffinity: affinity,
      loadBalancerIP: type === 'LoadBalancer' ? flags.text('load-balancer-ip') : '',
    },
  })
}

function exposeOne(invocation: Invocation, target: Target, dryRun: DryRun, printer: Printer): Refusal | undefined {
  const { flags, session } = invocation
  if (!EXPOSABLE.includes(String(target.object.kind))) return refuse(`cannot expose a ${kindName(target)}`)
  const made = serviceOf(invocation, target)
  if (isRefusal(made)) return made
  const service = overridden(made, flags.text('overrides'), flags.text('override-type'))
  if (isRefusal(service)) return service
  const namespace = namespaceOf(session)
  if (dryRun === 'client') {
    const metadata = { ...(service.metadata as TreeMap), ...(flags.given('namespace') && { namespace }) }
    return printer.print(typedObject({ ...service, metadata }))
  }
  const created = ask(session, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/services`,
    query: { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags) },
    accept: 'application/json, */*',
    contentType: 'application/json',
    body: flags.on('save-config') ? withLastApplied(service, false) : service,
  })
  return isRefusal(created) ? created : printer.print(typedObject(created))
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const printer = printerFor(session, flags, { keepOrder: true, operation: `exposed${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const found = findObjects(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
  })
  if (isRefusal(found)) return found
  const refusals = found.targets.map((target) => exposeOne(invocation, target, dryRun, printer)).filter(isRefusal)
  return severalRefusals([...refusals, ...found.refusals])
}

export const exposeCommand: Command = {
  name: 'expose',
  usage:
    '(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  group: 'Basic Commands (Beginner)',
  help: 'Create a Service for the Pods of a deployment, replica set, replication controller, service or pod.',
  examples: ['kubectl expose deployment web --port=80 --target-port=8080'],
  flags: {
    'cluster-ip': { kind: 'string', help: 'The address to have; None for a headless Service.' },
    ...changeFlags('kubectl-expose'),
    'external-ip': { kind: 'string', help: 'An address outside at which nodes take traffic for it.' },
    ...FILENAME_FLAGS('A file, directory or - with the objects to expose.'),
    labels: { kind: 'string', short: 'l', help: 'Labels of the Service.' },
    'load-balancer-ip': { kind: 'string', help: 'The address to ask of the load balancer.' },
    name: { kind: 'string', help: 'The name of the Service.' },
    'override-type': { kind: 'string', default: 'merge', help: 'How to apply --overrides: json, merge or strategic.' },
    overrides: { kind: 'string', help: 'JSON with which to change the object that is made.' },
    port: { kind: 'string', help: 'The port that the Service serves.' },
    protocol: { kind: 'string', help: 'TCP, UDP or SCTP.' },
    ...SAVE_CONFIG_FLAG,
    selector: { kind: 'string', help: 'The labels of the Pods it is for.' },
    'session-affinity': { kind: 'string', help: 'None or ClientIP.' },
    'target-port': { kind: 'string', help: 'The port of the Pods, by number or name.' },
    type: { kind: 'string', help: 'ClusterIP, NodePort, LoadBalancer or ExternalName.' },
  },
  run,
}
