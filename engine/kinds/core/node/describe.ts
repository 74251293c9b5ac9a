/**
 * What `kubectl describe node` shows.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go. Left out: devices of ResourceSlices.
 */
import {
  askTyped,
  type Describe,
  type DescribeRequest,
  eventsAbout,
  itemsIn,
} from '../../../kubectl/describe/describer.ts'
import { type AmountKind, type Amounts, addAmounts, podAmounts } from '../../../kubectl/describe/pod-amounts.ts'
import {
  annotationsText,
  eventLines,
  field,
  labelLines,
  line,
  listAt,
  longTime,
  mapAt,
  sinceText,
  textAt,
} from '../../../kubectl/describe/text.ts'
import { isRefusal, messageOf } from '../../../kubectl/refusal.ts'
import {
  milliValueOfQuantity,
  type Quantity,
  quantityOf,
  quantityText,
  valueOfQuantity,
} from '../../../std/quantity.ts'
import type { Millis } from '../../../std/time.ts'
import { sortedKeysOf, type TreeMap, withTreeAt } from '../../../std/tree.ts'
import { nodeRoles } from './row.ts'

const taintText = (taint: TreeMap): string =>
  `${textAt(taint, 'key')}${taint.value ? `=${textAt(taint, 'value')}` : ''}:${textAt(taint, 'effect')}`

function taintLines(taints: readonly TreeMap[]): string {
  if (taints.length === 0) return 'Taints:\t<none>\n'
  const order = (taint: TreeMap): string => `${textAt(taint, 'effect')},${textAt(taint, 'key')}`
  return `Taints:${taints
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
    .map((taint) => `\t${taintText(taint)}\n`)
    .join('')}`
}

function leaseText({ session, object }: DescribeRequest): string {
  const lease = askTyped(
    session,
    `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${textAt(object, 'metadata', 'name')}`,
  )
  if (isRefusal(lease)) return field('Lease', `Failed to get lease: ${messageOf(lease)}`)
  const time = (name: string): string =>
    textAt(lease, 'spec', name) ? longTime(textAt(lease, 'spec', name)) : '<unset>'
  return [
    'Lease:\n',
    line(1, `HolderIdentity:\t${textAt(lease, 'spec', 'holderIdentity') || '<unset>'}`),
    line(1, `AcquireTime:\t${time('acquireTime')}`),
    line(1, `RenewTime:\t${time('renewTime')}`),
  ].join('')
}

function conditionsText(conditions: readonly TreeMap[]): string {
  if (conditions.length === 0) return ''
  const rows = conditions.map((one) =>
    line(
      1,
      [
        textAt(one, 'type'),
        textAt(one, 'status'),
        longTime(textAt(one, 'lastHeartbeatTime')),
        longTime(textAt(one, 'lastTransitionTime')),
        textAt(one, 'reason'),
        textAt(one, 'message'),
      ].join(' \t'),
    ),
  )
  return `Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n  ----\t------\t-----------------\t------------------\t------\t-------\n${rows.join('')}`
}

function amountsText(title: string, amounts: TreeMap): string {
  const names = sortedKeysOf(amounts)
  if (names.length === 0) return ''
  return `${title}:\n${names.map((name) => line(1, `${name}:\t${quantityText(quantityOf(String(amounts[name])))}`)).join('')}`
}

const SYSTEM = [
  ['Machine ID', 'machineID'],
  ['System UUID', 'systemUUID'],
  ['Boot ID', 'bootID'],
  ['Kernel Version', 'kernelVersion'],
  ['OS Image', 'osImage'],
  ['Operating System', 'operatingSystem'],
  ['Architecture', 'architecture'],
  ['Container Runtime Version', 'containerRuntimeVersion'],
  ['Kubelet Version', 'kubeletVersion'],
] as const

const systemText = (node: TreeMap): string =>
  `System Info:\n${SYSTEM.map(([title, name]) => line(1, `${title}:\t${textAt(node, 'status', 'nodeInfo', name)}`)).join('')}`

const ZERO = quantityOf('0')

/** Parts of a node, in its own allocatable amounts. */
interface Shares {
  readonly allocatable: TreeMap
  readonly text: (amounts: Amounts, name: string) => string
}

function sharesOf(node: TreeMap): Shares {
  const own = mapAt(node, 'status', 'allocatable')
  const allocatable = Object.keys(own).length > 0 ? own : mapAt(node, 'status', 'capacity')
  const size = (name: string, amount: Quantity): number =>
    name === 'cpu' ? milliValueOfQuantity(amount) : valueOfQuantity(amount)
  return {
    allocatable,
    text: (amounts, name) => {
      const amount = amounts.get(name) ?? ZERO
      const whole = allocatable[name] === undefined ? 0 : size(name, quantityOf(String(allocatable[name])))
      return `${quantityText(amount)} (${whole === 0 ? 0 : Math.trunc((size(name, amount) / whole) * 100)}%)`
    },
  }
}

function podLine(pod: TreeMap, shares: Shares, nowUnix: Millis): string {
  const requests = podAmounts(pod, 'requests')
  const limits = podAmounts(pod, 'limits')
  const cells = [
    textAt(pod, 'metadata', 'namespace'),
    textAt(pod, 'metadata', 'name'),
    '',
    ...['cpu', 'memory'].flatMap((name) => [shares.text(requests, name), shares.text(limits, name)]),
    sinceText(textAt(pod, 'metadata', 'creationTimestamp'), nowUnix),
  ]
  return line(1, cells.join('\t'))
}

function totalOf(pods: readonly TreeMap[], kind: AmountKind): Amounts {
  const total = new Map<string, Quantity>()
  for (const pod of pods) addAmounts(total, podAmounts(pod, kind))
  return total
}

const isOwnAmount = (name: string): boolean => name.includes('/') && !name.includes('kubernetes.io/')

function podsText(node: TreeMap, pods: readonly TreeMap[], nowUnix: Millis): string {
  const shares = sharesOf(node)
  const requests = totalOf(pods, 'requests')
  const limits = totalOf(pods, 'limits')
  const names = sortedKeysOf(shares.allocatable)
  const rows = ['cpu', 'memory', 'ephemeral-storage', ...names.filter((name) => name.startsWith('hugepages-'))]
  const amount = (amounts: Amounts, name: string): string => quantityText(amounts.get(name) ?? ZERO)
  return [
    `Non-terminated Pods:\t(${pods.length} in total)\n`,
    '  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n',
    '  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n',
    ...pods.map((pod) => podLine(pod, shares, nowUnix)),
    'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n',
    '  Resource\tRequests\tLimits\n  --------\t--------\t------\n',
    ...rows.map((name) => line(1, `${name}\t${shares.text(requests, name)}\t${shares.text(limits, name)}`)),
    ...names.filter(isOwnAmount).map((name) => line(1, `${name}\t${amount(requests, name)}\t${amount(limits, name)}`)),
  ].join('')
}

/** Events of a node are filed under its uid, and by the kubelet under its name. */
function nodeEvents(request: DescribeRequest): readonly TreeMap[] | undefined {
  const byUid = eventsAbout(request)
  const renamed = withTreeAt(request.object, ['metadata', 'uid'], textAt(request.object, 'metadata', 'name')) as TreeMap
  const byName = eventsAbout({ ...request, object: renamed })
  return byUid && [...byUid, ...(byName ?? [])]
}

export const describeNode: Describe = (request) => {
  const { object: node, session, nowUnix, chunk } = request
  const name = textAt(node, 'metadata', 'name')
  const pods = askTyped(session, '/api/v1/pods', {
    fieldSelector: `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`,
    limit: chunk,
  })
  const hidden = isRefusal(pods) && pods.by === 'server' && pods.status.reason === 'Forbidden'
  if (isRefusal(pods) && !hidden) return pods
  const events = nodeEvents(request)
  askTyped(session, '/apis/resource.k8s.io/v1/resourceslices', { fieldSelector: `spec.nodeName=${name}` })
  const cidr = textAt(node, 'spec', 'podCIDR')
  const cidrs = listAt(node, 'spec', 'podCIDRs').join(',')
  const provider = textAt(node, 'spec', 'providerID')
  return [
    field('Name', name),
    field('Roles', nodeRoles(node as never).join(',') || '<none>'),
    labelLines('Labels', mapAt(node, 'metadata', 'labels')),
    annotationsText('Annotations', mapAt(node, 'metadata', 'annotations')),
    field('CreationTimestamp', longTime(textAt(node, 'metadata', 'creationTimestamp'))),
    taintLines(listAt(node, 'spec', 'taints')),
    field('Unschedulable', mapAt(node, 'spec').unschedulable === true),
    leaseText(request),
    conditionsText(listAt(node, 'status', 'conditions')),
    `Addresses:\n${listAt(node, 'status', 'addresses')
      .map((one) => line(1, `${textAt(one, 'type')}:\t${textAt(one, 'address')}`))
      .join('')}`,
    amountsText('Capacity', mapAt(node, 'status', 'capacity')),
    amountsText('Allocatable', mapAt(node, 'status', 'allocatable')),
    systemText(node),
    cidr ? field('PodCIDR', cidr) : '',
    cidrs ? field('PodCIDRs', cidrs) : '',
    provider ? field('ProviderID', provider) : '',
    isRefusal(pods) ? 'Pods:\tnot authorized\n' : podsText(node, itemsIn(pods), nowUnix),
    eventLines(events, nowUnix),
  ].join('')
}
