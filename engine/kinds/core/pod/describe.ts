/** What `kubectl describe pod` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { containersText, type FieldReader, resourceLines } from '../../../kubectl/describe/containers.ts'
import { type Describe, eventsAbout } from '../../../kubectl/describe/describer.ts'
import { spreadLines } from '../../../kubectl/describe/pod-template.ts'
import {
  annotationsText,
  controlledBy,
  eventLines,
  field,
  labelLines,
  line,
  listAt,
  longTime,
  mapAt,
  sinceText,
  textAt,
  tolerationLines,
} from '../../../kubectl/describe/text.ts'
import { volumesText } from '../../../kubectl/describe/volumes.ts'
import type { Millis } from '../../../std/time.ts'
import { isMap, type TreeMap, treeAt } from '../../../std/tree.ts'
import { qualityOfService } from './quality-of-service.ts'

const optional = (title: string, value: string): string => (value ? field(title, value) : '')

/** What variables and volumes may ask of a Pod. */
const fieldReader =
  (pod: TreeMap): FieldReader =>
  (path) => {
    const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
    if (subscript) return textAt(pod, 'metadata', subscript[1]!, subscript[2]!)
    return path.startsWith('metadata.')
      ? textAt(pod, ...path.split('.'))
      : path === 'spec.nodeName' || path === 'spec.serviceAccountName' || path.startsWith('status.')
        ? textAt(pod, ...path.split('.'))
        : ''
  }

function statusText(pod: TreeMap, nowUnix: Millis): string {
  const phase = textAt(pod, 'status', 'phase')
  const deleted = textAt(pod, 'metadata', 'deletionTimestamp')
  if (deleted && phase !== 'Failed' && phase !== 'Succeeded')
    return (
      field('Status', `Terminating (lasts ${sinceText(deleted, nowUnix)})`) +
      field('Termination Grace Period', `${textAt(pod, 'metadata', 'deletionGracePeriodSeconds')}s`)
    )
  return field('Status', phase)
}

function seccompText(pod: TreeMap): string {
  const profile = treeAt(pod, 'spec', 'securityContext', 'seccompProfile')
  if (!isMap(profile)) return ''
  return (
    field('SeccompProfile', textAt(profile, 'type')) +
    (profile.type === 'Localhost' ? field('LocalhostProfile', textAt(profile, 'localhostProfile')) : '')
  )
}

function addressText(pod: TreeMap): string {
  const addresses = listAt(pod, 'status', 'podIPs')
  const lines =
    addresses.length === 0
      ? 'IPs:\t<none>\n'
      : `IPs:\n${addresses.map(({ ip }) => line(1, `IP:\t${String(ip)}`)).join('')}`
  return field('IP', textAt(pod, 'status', 'podIP')) + lines
}

function gatesText(pod: TreeMap): string {
  const gates = listAt(pod, 'spec', 'readinessGates')
  if (gates.length === 0) return ''
  const conditions = listAt(pod, 'status', 'conditions')
  const rows = gates.map(({ conditionType }) => {
    const status = conditions.find(({ type }) => type === conditionType)?.status ?? '<none>'
    return line(1, `${String(conditionType)} \t${String(status)} `)
  })
  return `Readiness Gates:\n  Type\tStatus\n${rows.join('')}`
}

function conditionsText(pod: TreeMap): string {
  const conditions = listAt(pod, 'status', 'conditions')
  if (conditions.length === 0) return ''
  return `Conditions:\n  Type\tStatus\n${conditions.map(({ type, status }) => line(1, `${String(type)} \t${String(status)} `)).join('')}`
}

function identityText(pod: TreeMap): string {
  const spec = mapAt(pod, 'spec')
  const node = textAt(spec, 'nodeName')
  const start = textAt(pod, 'status', 'startTime')
  return [
    field('Name', textAt(pod, 'metadata', 'name')),
    field('Namespace', textAt(pod, 'metadata', 'namespace')),
    spec.priority === undefined ? '' : field('Priority', spec.priority),
    optional('Priority Class Name', textAt(spec, 'priorityClassName')),
    optional('Runtime Class Name', textAt(spec, 'runtimeClassName')),
    optional('Service Account', textAt(spec, 'serviceAccountName')),
    field('Node', node ? `${node}/${textAt(pod, 'status', 'hostIP')}` : '<none>'),
    start ? field('Start Time', longTime(start)) : '',
    labelLines('Labels', treeAt(pod, 'metadata', 'labels')),
    annotationsText('Annotations', treeAt(pod, 'metadata', 'annotations')),
  ].join('')
}

function containerText(pod: TreeMap): string {
  const spec = mapAt(pod, 'spec')
  const read = fieldReader(pod)
  const part = (title: string, list: string, statuses: string): string =>
    listAt(spec, list).length > 0 || list === 'containers'
      ? containersText(title, listAt(spec, list), { statuses: listAt(pod, 'status', statuses), read })
      : ''
  return (
    part('Init Containers', 'initContainers', 'initContainerStatuses') +
    part('Containers', 'containers', 'containerStatuses') +
    part('Ephemeral Containers', 'ephemeralContainers', 'ephemeralContainerStatuses')
  )
}

export const describePod: Describe = (request) => {
  const { object: pod, nowUnix } = request
  const spec = mapAt(pod, 'spec')
  const events = eventsAbout(request, false)
  return [
    identityText(pod),
    statusText(pod, nowUnix),
    optional('Reason', textAt(pod, 'status', 'reason')),
    optional('Message', textAt(pod, 'status', 'message')),
    seccompText(pod),
    addressText(pod),
    controlledBy(pod),
    optional('NominatedNodeName', textAt(pod, 'status', 'nominatedNodeName')),
    isMap(spec.resources) ? `Resources:\n${resourceLines(spec.resources, 1)}` : '',
    containerText(pod),
    gatesText(pod),
    conditionsText(pod),
    volumesText(listAt(spec, 'volumes')),
    field('QoS Class', textAt(pod, 'status', 'qosClass') || qualityOfService(pod as never)),
    labelLines('Node-Selectors', spec.nodeSelector),
    tolerationLines('Tolerations', listAt(spec, 'tolerations')),
    spreadLines(listAt(spec, 'topologySpreadConstraints'), ''),
    eventLines(events, nowUnix),
  ].join('')
}
