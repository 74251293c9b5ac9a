/** `kubectl top`: there is no metrics server, so it says what the real one says then. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/top */
import type { Command, Ending, Invocation } from '../command.ts'
import { objectNames } from '../complete-values.ts'
import { ALL_NAMESPACES_FLAG, FIELD_SELECTOR_FLAG, SELECTOR_FLAG } from '../flag-groups.ts'
import type { Flags } from '../flags.ts'
import { isRefusal, type Refusal, refuse, usageRefusal } from '../refusal.ts'
import { ask } from '../session.ts'

const DISCOVERY =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'

function problemWith({ args, flags, path }: Invocation, usage: string): Refusal | undefined {
  if (args.length > 1) return usageRefusal(path, usage)
  if (args.length > 0 && flags.text('selector')) return refuse('only one of NAME or selector can be provided')
  return ['', 'cpu', 'memory'].includes(flags.text('sort-by'))
    ? undefined
    : refuse('--sort-by accepts only cpu or memory')
}

const runTop =
  (usage: string) =>
  (invocation: Invocation): Ending => {
    const problem = problemWith(invocation, usage)
    if (problem) return problem
    for (const path of ['/api', '/apis']) {
      const answer = ask(invocation.session, { method: 'GET', path, accept: DISCOVERY })
      if (isRefusal(answer)) return answer
    }
    return refuse('Metrics API not available')
  }

const TOP_FLAGS: Flags = {
  'no-headers': { kind: 'bool', help: 'Leave out the line of headers.' },
  ...SELECTOR_FLAG,
  'show-swap': { kind: 'bool', help: 'Show swap as well.' },
  'sort-by': { kind: 'string', help: "The order: 'cpu' or 'memory'." },
  'use-protocol-buffers': { kind: 'bool', default: 'true', help: 'How to ask the Metrics API.' },
}

const topNode: Command = {
  name: 'node',
  aliases: ['nodes', 'no'],
  usage: '[NAME | -l label]',
  short: 'Display resource (CPU/memory) usage of nodes',
  examples: ['kubectl top node'],
  flags: {
    ...TOP_FLAGS,
    'show-capacity': { kind: 'bool', help: 'Show the capacity of nodes instead of what is allocatable.' },
  },
  run: runTop('node [NAME | -l label]'),
  complete: (invocation) => (invocation.args.length === 0 ? objectNames(invocation, 'nodes') : []),
}

const topPod: Command = {
  name: 'pod',
  aliases: ['pods', 'po'],
  usage: '[NAME | -l label]',
  short: 'Display resource (CPU/memory) usage of pods',
  examples: ['kubectl top pod'],
  flags: {
    ...ALL_NAMESPACES_FLAG,
    containers: { kind: 'bool', help: 'Show each container.' },
    ...FIELD_SELECTOR_FLAG,
    ...TOP_FLAGS,
    sum: { kind: 'bool', help: 'Show the sum.' },
  },
  run: runTop('pod [NAME | -l label]'),
  complete: (invocation) => (invocation.args.length === 0 ? objectNames(invocation, 'pods') : []),
}

export const topCommand: Command = {
  name: 'top',
  usage: '',
  short: 'Display resource (CPU/memory) usage',
  group: 'Cluster Management Commands',
  help: 'Show how much CPU and memory nodes or Pods use. It needs a metrics server.',
  flags: {},
  commands: [topNode, topPod],
}
