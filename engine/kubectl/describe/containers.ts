/**
 * Containers in a description: image, ports, command, state, resources, probes, environment, mounts.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go
 * Left out: values of resource fields that come from the node's allocatable.
 */
import { goQuote } from '../../std/go-text.ts'
import { milliValueOfQuantity, parseQuantity, quantityText, valueOfQuantity } from '../../std/quantity.ts'
import { isMap, type Tree, type TreeMap, treeAt } from '../../std/tree.ts'
import { line, listAt, longTime, mapAt, orNone, printBool, textAt } from './text.ts'

/** What a Pod says of itself, for variables that refer to it; templates have none. */
export type FieldReader = (path: string) => string

function portsText(ports: readonly TreeMap[], number: 'containerPort' | 'hostPort'): string {
  const texts = ports.map((port) => {
    const text = `${String(port[number] ?? 0)}/${textAt(port, 'protocol')}`
    return port.name ? `${text} (${textAt(port, 'name')})` : text
  })
  return texts.join(', ')
}

const portLine = (title: string, text: string): string =>
  line(2, text.includes(',') ? `${title}s:\t${text}` : `${title}:\t${orNone(text)}`)

function seccompLines(container: TreeMap): string {
  const profile = treeAt(container, 'securityContext', 'seccompProfile')
  if (!isMap(profile)) return ''
  const local = profile.type === 'Localhost' ? line(3, `LocalhostProfile:\t${textAt(profile, 'localhostProfile')}`) : ''
  return line(2, `SeccompProfile:\t${textAt(profile, 'type')}`) + local
}

function basicLines(container: TreeMap, status: TreeMap | undefined, nested: boolean): string {
  const ports = listAt(container, 'ports')
  return [
    line(1, `${nested ? ' ' : ''}${textAt(container, 'name')}:`),
    status ? line(2, `Container ID:\t${textAt(status, 'containerID')}`) : '',
    line(2, `Image:\t${textAt(container, 'image')}`),
    status ? line(2, `Image ID:\t${textAt(status, 'imageID')}`) : '',
    portLine('Port', portsText(ports, 'containerPort')),
    portLine('Host Port', portsText(ports, 'hostPort')),
    seccompLines(container),
  ].join('')
}

function wordLines(title: string, words: Tree | undefined): string {
  const list = Array.isArray(words) ? (words as readonly string[]) : []
  if (list.length === 0) return ''
  return (
    line(2, `${title}:`) +
    list
      .flatMap((word) => word.split('\n'))
      .map((part) => line(3, part))
      .join('')
  )
}

function terminatedLines(state: TreeMap): string {
  const optional = (title: string, key: string): string =>
    state[key] ? line(3, `${title}:\t${textAt(state, key)}`) : ''
  return [
    optional('Reason', 'reason'),
    optional('Message', 'message'),
    line(3, `Exit Code:\t${String(state.exitCode ?? 0)}`),
    optional('Signal', 'signal'),
    line(3, `Started:\t${longTime(textAt(state, 'startedAt'))}`),
    line(3, `Finished:\t${longTime(textAt(state, 'finishedAt'))}`),
  ].join('')
}

function stateLines(title: string, state: TreeMap): string {
  if (isMap(state.running))
    return line(2, `${title}:\tRunning`) + line(3, `Started:\t${longTime(textAt(state.running, 'startedAt'))}`)
  if (isMap(state.terminated)) return line(2, `${title}:\tTerminated`) + terminatedLines(state.terminated)
  const reason = textAt(state, 'waiting', 'reason')
  return line(2, `${title}:\tWaiting`) + (reason ? line(3, `Reason:\t${reason}`) : '')
}

const statusLines = (status: TreeMap): string =>
  [
    stateLines('State', mapAt(status, 'state')),
    isMap(treeAt(status, 'lastState', 'terminated')) ? stateLines('Last State', mapAt(status, 'lastState')) : '',
    line(2, `Ready:\t${printBool(status.ready)}`),
    line(2, `Restart Count:\t${String(status.restartCount ?? 0)}`),
  ].join('')

const quantityShown = (text: string): string => {
  const quantity = parseQuantity(text)
  return quantity === undefined ? text : quantityText(quantity)
}

function amountLines(title: string, amounts: TreeMap, level: number): string {
  const names = Object.keys(amounts).sort()
  if (names.length === 0) return ''
  return (
    line(level, `${title}:`) +
    names.map((name) => line(level + 1, `${name}:\t${quantityShown(String(amounts[name]))}`)).join('')
  )
}

/** Limits, requests and claims. */
export const resourceLines = (resources: unknown, level: number): string =>
  amountLines('Limits', mapAt(resources, 'limits'), level) +
  amountLines('Requests', mapAt(resources, 'requests'), level) +
  (listAt(resources, 'claims').length > 0
    ? line(level, 'Claims:') +
      listAt(resources, 'claims')
        .map((claim) => line(level + 1, textAt(claim, 'name')))
        .join('')
    : '')

function handlerText(probe: TreeMap): string {
  const http = probe.httpGet
  if (isMap(probe.exec)) return `exec [${((probe.exec.command as readonly string[] | undefined) ?? []).join(' ')}]`
  if (isMap(http)) {
    const host = textAt(http, 'host')
    const port = textAt(http, 'port')
    const path = textAt(http, 'path')
    const rooted = path === '' || path.startsWith('/') ? path : `/${path}`
    return `http-get ${textAt(http, 'scheme').toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${port}${rooted}`
  }
  if (isMap(probe.tcpSocket)) return `tcp-socket ${textAt(probe.tcpSocket, 'host')}:${textAt(probe.tcpSocket, 'port')}`
  return isMap(probe.grpc) ? `grpc <pod>:${textAt(probe.grpc, 'port')} ${textAt(probe.grpc, 'service')}` : 'unknown'
}

function probeLine(title: string, probe: Tree | undefined): string {
  if (!isMap(probe)) return ''
  const number = (key: string): string => String(probe[key] ?? 0)
  const numbers = `delay=${number('initialDelaySeconds')}s timeout=${number('timeoutSeconds')}s period=${number('periodSeconds')}s #success=${number('successThreshold')} #failure=${number('failureThreshold')}`
  return line(2, `${title}:\t${handlerText(probe)} ${numbers}`)
}

function envFromLines(container: TreeMap): string {
  const sources = listAt(container, 'envFrom')
  if (sources.length === 0) return ''
  const rows = sources.map((source) => {
    const kind = isMap(source.configMapRef) ? 'ConfigMap' : isMap(source.secretRef) ? 'Secret' : ''
    const ref = mapAt(source, kind === 'ConfigMap' ? 'configMapRef' : 'secretRef')
    const prefix = textAt(source, 'prefix')
    return line(
      3,
      `${textAt(ref, 'name')}\t${kind}${prefix ? ` with prefix '${prefix}'` : ''}\tOptional: ${ref.optional === true}`,
    )
  })
  return line(2, 'Environment Variables from:') + rows.join('')
}

const divided = (amount: number, divisor: number): string => String(Math.ceil(amount / divisor))

/** What a container may use, in units of a divisor. */
function resourceFieldText(container: TreeMap, reference: TreeMap): string {
  const [part = '', name = ''] = textAt(reference, 'resource').split('.')
  const amount = parseQuantity(textAt(container, 'resources', part, name))
  const divisor = parseQuantity(textAt(reference, 'divisor') || '1')
  if (!divisor) return ''
  const isCpu = name === 'cpu'
  const unit = isCpu ? milliValueOfQuantity(divisor) || 1000 : valueOfQuantity(divisor) || 1
  const value =
    amount === undefined ? '0' : divided(isCpu ? milliValueOfQuantity(amount) : valueOfQuantity(amount), unit)
  return value === '0' && part === 'limits' && (isCpu || name === 'memory') ? 'node allocatable' : value
}

function sourceText(container: TreeMap, from: TreeMap, read: FieldReader | undefined): string {
  const optional = (ref: TreeMap): string => `\tOptional: ${ref.optional === true}`
  if (isMap(from.fieldRef)) {
    const path = textAt(from.fieldRef, 'fieldPath')
    return `${read ? read(path) : ''} (${textAt(from.fieldRef, 'apiVersion')}:${path})`
  }
  if (isMap(from.resourceFieldRef))
    return `${resourceFieldText(container, from.resourceFieldRef)} (${textAt(from.resourceFieldRef, 'resource')})`
  if (isMap(from.secretKeyRef))
    return `<set to the key '${textAt(from.secretKeyRef, 'key')}' in secret '${textAt(from.secretKeyRef, 'name')}'>${optional(from.secretKeyRef)}`
  const ref = mapAt(from, 'configMapKeyRef')
  return `<set to the key '${textAt(ref, 'key')}' of config map '${textAt(ref, 'name')}'>${optional(ref)}`
}

function envLines(container: TreeMap, read: FieldReader | undefined): string {
  const env = listAt(container, 'env')
  if (env.length === 0) return line(2, 'Environment:\t<none>')
  const rows = env.map((variable) => {
    const name = textAt(variable, 'name')
    if (isMap(variable.valueFrom)) return line(3, `${name}:\t${sourceText(container, variable.valueFrom, read)}`)
    const [first = '', ...rest] = textAt(variable, 'value').split('\n')
    return line(3, `${name}:\t${first}`) + rest.map((part) => line(3, `\t${part}`)).join('')
  })
  return line(2, 'Environment:') + rows.join('')
}

const byPath = (a: TreeMap, b: TreeMap): number => (textAt(a, 'mountPath') < textAt(b, 'mountPath') ? -1 : 1)

function mountLines(container: TreeMap): string {
  const mounts = [...listAt(container, 'volumeMounts')].sort(byPath)
  const rows = mounts.map((mount) => {
    const path = textAt(mount, 'subPath')
    const flags = [mount.readOnly === true ? 'ro' : 'rw', ...(path ? [`path=${goQuote(path)}`] : [])]
    return line(3, `${textAt(mount, 'mountPath')} from ${textAt(mount, 'name')} (${flags.join(',')})`)
  })
  const devices = listAt(container, 'volumeDevices').map((device) =>
    line(3, `${textAt(device, 'devicePath')} from ${textAt(device, 'name')}`),
  )
  const none = mounts.length === 0 ? '\t<none>' : ''
  return (
    line(2, `Mounts:${none}`) +
    rows.join('') +
    (devices.length > 0 ? line(2, `Devices:${none}`) + devices.join('') : '')
  )
}

function containerLines(
  container: TreeMap,
  status: TreeMap | undefined,
  nested: boolean,
  read: FieldReader | undefined,
): string {
  return [
    basicLines(container, status, nested),
    wordLines('Command', container.command),
    wordLines('Args', container.args),
    status ? statusLines(status) : '',
    resourceLines(container.resources, 2),
    probeLine('Liveness', container.livenessProbe),
    probeLine('Readiness', container.readinessProbe),
    probeLine('Startup', container.startupProbe),
    envFromLines(container),
    envLines(container, read),
    mountLines(container),
  ].join('')
}

export interface ContainerOptions {
  readonly statuses?: readonly TreeMap[]
  /** In a template, one blank further in. */
  readonly nested?: boolean
  readonly read?: FieldReader
}

export function containersText(
  title: string,
  containers: readonly TreeMap[],
  { statuses = [], nested = false, read }: ContainerOptions,
): string {
  const space = nested ? '  ' : ''
  if (containers.length === 0) return `${space}${title}: <none>\n`
  const rows = containers.map((container) =>
    containerLines(
      container,
      statuses.find(({ name }) => name === container.name),
      nested,
      read,
    ),
  )
  return `${space}${title}:\n${rows.join('')}`
}
