/** `kubectl create service`: one sub-command a type. */
import type { Tree, TreeMap } from '../../../std/tree.ts'
import type { Command, Invocation } from '../../command.ts'
import type { Flags } from '../../flags.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { type Generator, generatorCommand, parseUint } from './generator.ts'

const TCP_FLAG: Flags = { tcp: { kind: 'stringSlice', help: 'A pair port:targetPort; may be given several times.' } }

/** Why a text may not be the name of a port. */
export function portNameProblem(name: string): string | undefined {
  const problems: string[] = []
  if (name.length > 15) problems.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)')
  if (name.includes('--')) problems.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen')
  return problems.length > 0 ? problems.join(',') : undefined
}

function parsePorts(text: string): readonly [port: number, target: number | string] | Refusal {
  const [first = '', second] = text.split(':')
  const port = parseUint(first, 65535)
  if (isRefusal(port)) return port
  if (second === undefined) return [port, port]
  if (/^[+-]?\d+$/.test(second)) {
    const target = Number(second)
    return target < 1 || target > 65535 ? refuse('must be between 1 and 65535, inclusive') : [port, target]
  }
  const problem = portNameProblem(second)
  return problem ? refuse(problem) : [port, second]
}

function servicePorts(pairs: readonly string[], nodePort: number): Tree[] | Refusal {
  const ports: Tree[] = []
  for (const pair of pairs) {
    const parsed = parsePorts(pair)
    if (isRefusal(parsed)) return parsed
    const [port, targetPort] = parsed
    ports.push({
      name: pair.replaceAll(':', '-'),
      protocol: 'TCP',
      port,
      targetPort,
      ...(nodePort !== 0 && { nodePort }),
    })
  }
  return ports
}

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function serviceOf(invocation: Invocation, name: string, type: string): TreeMap | Refusal {
  const { flags } = invocation
  const clusterIP = type === 'ClusterIP' ? flags.text('clusterip') : ''
  const externalName = type === 'ExternalName' ? flags.text('external-name') : ''
  const pairs = flags.list('tcp')
  if (clusterIP !== 'None' && pairs.length === 0 && type !== 'ExternalName')
    return refuse('at least one tcp port specifier must be provided')
  if (type === 'ExternalName' && !DNS_SUBDOMAIN.test(externalName))
    return refuse(`invalid service external name ${externalName}`)
  const ports = servicePorts(pairs, type === 'NodePort' ? flags.number('node-port') : 0)
  if (isRefusal(ports)) return ports
  const labels = { app: name }
  return { metadata: { name, labels }, spec: { ports, selector: labels, clusterIP, type, externalName } }
}

const generatorFor = (type: string): Generator => ({
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
  failure: `failed to create ${type} service: `,
  object: (invocation, name) => serviceOf(invocation, name, type),
})

const clusterIp = generatorCommand({
  name: 'clusterip',
  usage: 'NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]',
  short: 'Create a ClusterIP service',
  examples: ['kubectl create service clusterip web --tcp=80:8080'],
  flags: { ...TCP_FLAG, clusterip: { kind: 'string', help: 'The address to have, or None for a headless Service.' } },
  generator: generatorFor('ClusterIP'),
})

const nodePort = generatorCommand({
  name: 'nodeport',
  usage: 'NAME [--tcp=port:targetPort] [--dry-run=server|client|none]',
  short: 'Create a NodePort service',
  examples: ['kubectl create service nodeport web --tcp=80:8080'],
  flags: { ...TCP_FLAG, 'node-port': { kind: 'int', help: 'The port to open on every node.' } },
  generator: generatorFor('NodePort'),
})

const loadBalancer = generatorCommand({
  name: 'loadbalancer',
  usage: 'NAME [--tcp=port:targetPort] [--dry-run=server|client|none]',
  short: 'Create a LoadBalancer service',
  examples: ['kubectl create service loadbalancer web --tcp=80:8080'],
  flags: TCP_FLAG,
  generator: generatorFor('LoadBalancer'),
})

const externalName = generatorCommand({
  name: 'externalname',
  usage: 'NAME --external-name external.name [--dry-run=server|client|none]',
  short: 'Create an ExternalName service',
  examples: ['kubectl create service externalname far --external-name=far.example'],
  flags: {
    ...TCP_FLAG,
    'external-name': { kind: 'string', required: true, help: 'The name outside that it stands for.' },
  },
  generator: generatorFor('ExternalName'),
})

export const createService: Command = {
  name: 'service',
  aliases: ['svc'],
  usage: '[flags]',
  short: 'Create a service using a specified subcommand',
  flags: {},
  commands: [clusterIp, externalName, loadBalancer, nodePort],
}
