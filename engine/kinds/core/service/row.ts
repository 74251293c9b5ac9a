/** One line of `kubectl get services`. Upstream: pkg/printers/internalversion/printers.go (printService) */
import type { Cell } from '../../../api/kind.ts'
import type { Service, ServicePort } from '../../../api/types.generated.ts'
import type { Millis } from '../../../std/time.ts'
import { age, labelsText, NONE } from '../../columns.ts'

function balancerText({ spec, status }: Service): string {
  const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
  const all = [...given.filter((address) => address !== ''), ...(spec?.externalIPs ?? [])]
  return all.length > 0 ? all.join(',') : '<pending>'
}

function externalText(service: Service): string {
  if (service.spec?.type === 'LoadBalancer') return balancerText(service)
  if (service.spec?.type === 'ExternalName') return service.spec.externalName ?? ''
  return service.spec?.externalIPs?.join(',') || NONE
}

const portText = ({ port, nodePort, protocol }: ServicePort): string =>
  `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`

export const serviceRow = (service: Service, nowUnix: Millis): readonly Cell[] => [
  service.metadata.name,
  service.spec?.type ?? '',
  service.spec?.clusterIPs?.[0] || NONE,
  externalText(service),
  service.spec?.ports?.map(portText).join(',') || NONE,
  age(service.metadata.creationTimestamp, nowUnix),
  labelsText(service.spec?.selector),
]
