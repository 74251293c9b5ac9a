/**
 * Pods for Windows machines: user names in Windows' own form, containers that are processes of the host, and what Linux has and
 * Windows has not.
 *
 * Upstream: pkg/apis/core/validation/validation.go (validateWindows…, validateLinux)
 */
import type { Problem } from '../../../api/problem.ts'
import type { Container, PodSpec, WindowsSecurityContextOptions } from '../../../api/types.generated.ts'
import { all, at, type Check, FINE, first, like, must } from '../../../api/validate/check.ts'
import { dnsSubdomain } from '../../../api/validate/formats.ts'
import { forbidden, invalid, notSupported, required } from '../../../api/validate/problems.ts'
import { byteLength } from '../../../std/byte-length.ts'

const KIBIBYTES = 64

const credentials = first<string>(
  must((text) => text !== '', 'gmsaCredentialSpec cannot be an empty string'),
  must((text) => byteLength(text) <= KIBIBYTES * 1024, `gmsaCredentialSpec size must be under ${KIBIBYTES} KiB`),
)

const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const DOMAIN = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/
const RESERVED = /["/\\:;|=,+*?<>@[\]]/

const domainOf = (name: string): string | undefined => (name.includes('\\') ? name.split('\\')[0] : undefined)
const userOf = (name: string): string => name.slice(name.indexOf('\\') + 1)

const longestDomain: Check<string> = must(
  (name) => byteLength(domainOf(name) ?? '') < 256,
  "runAsUserName's Domain length must be under 256 characters",
)

const knownDomain: Check<string> = must((name) => {
  const domain = domainOf(name)
  return domain === undefined || NETBIOS.test(domain) || DOMAIN.test(domain)
}, "runAsUserName's Domain doesn't match the NetBios nor the DNS format")

/** A quirk of upstream: a name is either missing or too long. */
const userLength: Check<string> = first(
  must((name) => userOf(name) !== '', "runAsUserName's User cannot be empty"),
  must((name) => byteLength(userOf(name)) <= 104, "runAsUserName's User length must not be longer than 104 characters"),
)

const parts = all<string>(
  longestDomain,
  knownDomain,
  userLength,
  must((name) => !/^[. ]+$/.test(userOf(name)), "runAsUserName's User cannot contain only periods or spaces"),
  must(
    (name) => !RESERVED.test(userOf(name)),
    `runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`,
  ),
)

const userName = first<string>(
  must((name) => name !== '', 'runAsUserName cannot be an empty string'),
  must((name) => !/\p{Cc}/u.test(name), 'runAsUserName cannot contain control characters'),
  must((name) => name.split('\\').length <= 2, 'runAsUserName cannot contain more than one backslash'),
  parts,
)

export const windowsOptions = all<WindowsSecurityContextOptions>(
  at('gmsaCredentialSpecName', like(dnsSubdomain)),
  at('gmsaCredentialSpec', credentials),
  at('runAsUserName', userName),
)

type Visit = (container: Container, path: string) => readonly Problem[]

/** Every container of a Pod, init containers first. */
function everyContainer(spec: PodSpec, path: string, visit: Visit): readonly Problem[] {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const
  return lists.flatMap((list) =>
    ((spec[list] ?? []) as readonly Container[]).flatMap((container, index) =>
      visit(container, `${path}.${list}[${index}]`),
    ),
  )
}

const hostProcessOf = (options: WindowsSecurityContextOptions | undefined): boolean | undefined => options?.hostProcess

/** Containers that are processes of the Windows host: all of them or none, and on the host's network. */
export const hostProcesses: Check<PodSpec> = (spec, path) => {
  const ofPod = hostProcessOf(spec.securityContext?.windowsOptions)
  let containers = 0
  let hostContainers = 0
  const different = everyContainer(spec, path, (container, at) => {
    const own = hostProcessOf(container.securityContext?.windowsOptions)
    containers++
    if (own ?? ofPod) hostContainers++
    if (ofPod === undefined || own === undefined || own === ofPod) return FINE
    const said = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
    return [invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, said)]
  })
  if (hostContainers === 0) return different
  const all = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
  const network = 'hostNetwork must be true if pod contains any hostProcess containers'
  return [
    ...different,
    ...(hostContainers === containers ? FINE : [invalid(path, '', all)]),
    ...(spec.hostNetwork ? FINE : [invalid(`${path}.hostNetwork`, false, network)]),
  ]
}

const LINUX_ONLY = 'windows options cannot be set for a linux pod'

const linux: Check<PodSpec> = (spec, path) => [
  ...(spec.securityContext?.windowsOptions ? [forbidden(`${path}.securityContext.windowsOptions`, LINUX_ONLY)] : FINE),
  ...everyContainer(spec, path, (container, at) =>
    container.securityContext?.windowsOptions ? [forbidden(`${at}.securityContext.windowsOptions`, LINUX_ONLY)] : FINE,
  ),
]

/** What a Pod for Windows may not say, in upstream's order. */
const NOT_ON_WINDOWS = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'shareProcessNamespace',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
]

const NOT_IN_WINDOWS_CONTAINERS = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'securityContext.seccompProfile',
  'securityContext.capabilities',
  'securityContext.readOnlyRootFilesystem',
  'securityContext.privileged',
  'securityContext.allowPrivilegeEscalation',
  'securityContext.procMount',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
]

const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value)

const forbiddenAt = (value: object, path: string, fields: readonly string[]): readonly Problem[] =>
  fields
    .filter((field) => valueAt(value, field) !== undefined)
    .map((field) => forbidden(`${path}.${field}`, 'cannot be set for a windows pod'))

const windows: Check<PodSpec> = (spec, path) => [
  ...forbiddenAt(spec, path, NOT_ON_WINDOWS),
  ...everyContainer(spec, path, (container, at) => forbiddenAt(container, at, NOT_IN_WINDOWS_CONTAINERS)),
]

/** A Pod that says for which system it is must make sense there. */
export const operatingSystem: Check<PodSpec> = (spec, path) => {
  if (!spec.os) return FINE
  const { name } = spec.os
  if (!name) return [required(`${path}.os.name`)]
  if (name === 'linux') return linux(spec, path)
  return name === 'windows' ? windows(spec, path) : [notSupported(`${path}.os`, name, ['linux', 'windows'])]
}
