/**
 * What a container calls itself and where it asks for names: /etc/hostname, /etc/hosts and /etc/resolv.conf, which the
 * kubelet writes for every pod.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go, pkg/kubelet/network/dns/dns.go
 */
import type { Pod } from '../../api/types.generated.ts'
import type { MachineIdentity } from '../slice.ts'

const CLUSTER_DOMAIN = 'cluster.local'
const CLUSTER_DNS = '10.96.0.10'
const LONGEST_HOSTNAME = 63

const domainOf = ({ metadata, spec }: Pod): string | undefined =>
  spec.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}` : undefined

const shortName = ({ metadata, spec }: Pod): string =>
  spec.hostname || metadata.name.slice(0, LONGEST_HOSTNAME).replace(/[-.]+$/, '')

export function hostnameOf(pod: Pod, machine: string): string {
  if (pod.spec.hostnameOverride) return pod.spec.hostnameOverride
  if (pod.spec.hostNetwork) return machine
  const domain = domainOf(pod)
  return pod.spec.setHostnameAsFQDN && domain ? `${shortName(pod)}.${domain}` : shortName(pod)
}

const LOCAL = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', 'fe00::0\tip6-localnet']
const MORE_LOCAL = ['fe00::0\tip6-mcastprefix', 'fe00::1\tip6-allnodes', 'fe00::2\tip6-allrouters']

const aliasLines = ({ spec }: Pod): readonly string[] => {
  const aliases = spec.hostAliases ?? []
  if (aliases.length === 0) return []
  return [
    '',
    '# Entries added by HostAliases.',
    ...aliases.map(({ ip, hostnames }) => [ip, ...(hostnames ?? [])].join('\t')),
  ]
}

export function hostsFile(pod: Pod, podIp: string, machine: string, identity: MachineIdentity): string {
  const written = (lines: readonly string[]) => `${lines.join('\n')}\n`
  if (pod.spec.hostNetwork)
    return written([
      '# Kubernetes-managed hosts file (host network).',
      ...LOCAL,
      `${identity.address}\t${machine}`,
      ...aliasLines(pod),
    ])
  const name = pod.spec.hostnameOverride ?? shortName(pod)
  const domain = pod.spec.hostnameOverride ? undefined : domainOf(pod)
  const own = domain ? `${podIp}\t${name}.${domain}\t${name}` : `${podIp}\t${name}`
  return written(['# Kubernetes-managed hosts file.', ...LOCAL, ...MORE_LOCAL, own, ...aliasLines(pod)])
}

interface Resolver {
  readonly search: readonly string[]
  readonly nameservers: readonly string[]
  readonly options: readonly string[]
}

const clusterResolver = (namespace: string, identity: MachineIdentity): Resolver => ({
  search: [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN, identity.searchDomain],
  nameservers: [CLUSTER_DNS],
  options: ['ndots:5'],
})

const hostResolver = (identity: MachineIdentity): Resolver => ({
  search: [identity.searchDomain],
  nameservers: [identity.nameserver],
  options: ['ndots:0', 'edns0', 'trust-ad'],
})

function baseResolver(pod: Pod, identity: MachineIdentity): Resolver {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { search: [], nameservers: [], options: [] }
  const usesHost = policy === 'Default' || (policy === 'ClusterFirst' && pod.spec.hostNetwork)
  return usesHost ? hostResolver(identity) : clusterResolver(pod.metadata.namespace ?? 'default', identity)
}

const distinct = (list: readonly string[]): readonly string[] => [...new Set(list)]

/** Options of the pod win over those of the same name. */
function mergeOptions(base: readonly string[], own: readonly string[]): readonly string[] {
  const nameOf = (option: string) => option.split(':', 1)[0]
  const kept = base.filter((option) => !own.some((other) => nameOf(other) === nameOf(option)))
  return [...kept, ...own]
}

export function resolverFile(pod: Pod, identity: MachineIdentity): string {
  const base = baseResolver(pod, identity)
  const config = pod.spec.dnsConfig
  const own = (config?.options ?? []).map(({ name, value }) => (value === undefined ? `${name}` : `${name}:${value}`))
  const search = distinct([...base.search, ...(config?.searches ?? [])])
  const nameservers = distinct([...base.nameservers, ...(config?.nameservers ?? [])])
  const options = mergeOptions(base.options, own)
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}\n`] : []),
    ...nameservers.map((nameserver) => `nameserver ${nameserver}\n`),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('')
}
