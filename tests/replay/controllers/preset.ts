/**
 * What is there before a scenario begins: its namespaces with what each gets, and its nodes, registered and ready.
 */
import type { KubeObject, ResourceName } from '../../../engine/api/object.ts'
import { CERTIFICATE } from '../../../engine/kinds/core/serviceaccount/controller.ts'
import { EPOCH, unixTimestamp } from '../../../engine/std/time.ts'
import type { NodeSpec, Preset } from './recording.ts'

const BEFORE = unixTimestamp(EPOCH - 60_000)

type Entry = readonly [ResourceName, KubeObject]

const metadata = (name: string, namespace?: string) => ({
  name,
  ...(namespace !== undefined && { namespace }),
  uid: `preset-${namespace ?? ''}-${name}`,
  resourceVersion: '0',
  creationTimestamp: BEFORE,
})

const namespaceEntries = (name: string): readonly Entry[] => [
  [
    'namespaces',
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { ...metadata(name), labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    } as KubeObject,
  ],
  ['serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('default', name) }],
  [
    'configmaps',
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...metadata('kube-root-ca.crt', name),
        annotations: {
          'kubernetes.io/description':
            'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
        },
      },
      data: { 'ca.crt': CERTIFICATE },
    } as KubeObject,
  ],
]

const CONDITIONS = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const

const conditions = CONDITIONS.map(([type, status, reason, message]) => ({
  type,
  status,
  reason,
  message,
  lastHeartbeatTime: BEFORE,
  lastTransitionTime: BEFORE,
}))

function nodeEntry({ name, labels, taints, capacity, annotations }: NodeSpec, number: number): Entry {
  const size = { cpu: '8', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi', ...capacity }
  const platform = { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name }
  return [
    'nodes',
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        ...metadata(name),
        labels: { 'beta.kubernetes.io/arch': 'amd64', 'beta.kubernetes.io/os': 'linux', ...platform, ...labels },
        annotations: {
          'node.alpha.kubernetes.io/ttl': '0',
          'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
          ...annotations,
        },
      },
      spec: { podCIDR: `10.244.${number}.0/24`, podCIDRs: [`10.244.${number}.0/24`], ...(taints && { taints }) },
      status: { capacity: size, allocatable: size, conditions },
    } as KubeObject,
  ]
}

const leaseEntry = ({ name }: NodeSpec): Entry => [
  'leases.coordination.k8s.io',
  {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: metadata(name, 'kube-node-lease'),
    spec: { holderIdentity: name, leaseDurationSeconds: 40 },
  } as KubeObject,
]

const ALWAYS = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

export const presetObjects = ({ namespaces, nodes }: Preset): readonly Entry[] => [
  ...[...new Set([...ALWAYS, ...namespaces])].flatMap(namespaceEntries),
  ...nodes.map(nodeEntry),
  ...nodes.map(leaseEntry),
]
