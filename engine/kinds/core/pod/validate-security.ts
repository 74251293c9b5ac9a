/**
 * Under which user, with which powers and inside which fences containers run.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateSecurityContext, validatePodSpecSecurityContext)
 */
import type {
  AppArmorProfile,
  Capabilities,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from '../../../api/types.generated.ts'
import { all, at, type Check, each, FINE, join, must, oneOf } from '../../../api/validate/check.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'
import { localPath } from '../../../api/validate/paths.ts'
import { duplicate, invalid, notSupported, required, tooLong } from '../../../api/validate/problems.ts'
import { byteLength } from '../../../std/byte-length.ts'
import { windowsOptions } from './validate-windows.ts'

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined']

const profileType =
  (field: string): Check<{ readonly type?: string }> =>
  ({ type }, path) => {
    if (!type) return [required(`${path}.type`, `type is required when ${field} is set`)]
    return PROFILES.includes(type) ? FINE : [notSupported(`${path}.type`, type, PROFILES)]
  }

const seccompFile: Check<SeccompProfile> = (profile, path) => {
  const { type, localhostProfile: file } = profile
  const field = `${path}.localhostProfile`
  if (type !== 'Localhost') {
    const shown = internalForm('SeccompProfile', profile)
    return file === undefined ? FINE : [invalid(field, shown, 'can only be set when seccomp type is Localhost')]
  }
  return file === undefined ? [required(field, 'must be set when seccomp type is Localhost')] : localPath(file, field)
}

export const seccomp = all<SeccompProfile>(profileType('seccompProfile'), seccompFile)

const LONGEST_PATH = 4095

function appArmorFile(file: string | undefined, path: string) {
  const missing = 'must be set when AppArmor type is Localhost'
  if (file === undefined || file === '') return [required(path, missing)]
  const padded = file.trim() === file ? FINE : [invalid(path, file, 'must not be padded with whitespace')]
  return byteLength(file) > LONGEST_PATH ? [...padded, tooLong(path, LONGEST_PATH)] : padded
}

export const appArmor: Check<AppArmorProfile> = (profile, path) => {
  const { type, localhostProfile: file } = profile
  if (type === 'Localhost') return appArmorFile(file, `${path}.localhostProfile`)
  const wrong = profileType('appArmorProfile')(profile, path)
  if (wrong.length > 0 || file === undefined) return wrong
  return [invalid(`${path}.localhostProfile`, file, 'can only be set when AppArmor type is Localhost')]
}

const identity: Check<number> = must((id) => id >= 0 && id <= 2147483647, 'must be between 0 and 2147483647, inclusive')

/** Who may not rise must not already stand high. */
const noContradiction: Check<SecurityContext> = (context, path) => {
  if (context.allowPrivilegeEscalation !== false) return FINE
  const said = (what: string) =>
    invalid(
      path,
      internalForm('SecurityContext', context),
      `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
    )
  const added = (context.capabilities as Capabilities | undefined)?.add ?? []
  return [
    ...(context.privileged ? [said('`privileged` to true')] : []),
    ...added.filter((capability) => capability === 'CAP_SYS_ADMIN').map(() => said('`capabilities.Add` CAP_SYS_ADMIN')),
  ]
}

const procMount =
  (hostUsers: boolean): Check<string> =>
  (type, path) =>
    join(
      oneOf('Default', 'Unmasked')(type, path),
      hostUsers && type === 'Unmasked' ? [invalid(path, type, '`hostUsers` must be false to use `Unmasked`')] : FINE,
    )

export const securityContext = (hostUsers: boolean): Check<SecurityContext> =>
  all<SecurityContext>(
    at('runAsUser', identity),
    at('runAsGroup', identity),
    at('procMount', procMount(hostUsers)),
    at('seccompProfile', seccomp),
    noContradiction,
    at('windowsOptions', windowsOptions),
    at('appArmorProfile', appArmor),
  )

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const sysctlPattern = new RegExp(SYSCTL)

function sysctlName(name: string, path: string, taken: ReadonlySet<string>) {
  if (!name) return [required(path)]
  if (name.length > 253 || !sysctlPattern.test(name)) {
    return [invalid(path, name, `must have at most 253 characters and match regex ${SYSCTL}`)]
  }
  return taken.has(name) ? [duplicate(path, name)] : FINE
}

/** Which of the host's namespaces a kernel parameter belongs to; the separator is a dot or, for odd names, a slash. */
function namespaceOfSysctl(name: string): 'net' | 'ipc' | undefined {
  const dotted = /^[^./]*\//.test(name) ? name.replaceAll('/', '.') : name
  if (dotted.startsWith('net.')) return 'net'
  const isIpc = /^(kernel\.(sem$|shm|msg)|fs\.mqueue\.)/.test(dotted) || dotted === 'kernel.shm_rmid_forced'
  return isIpc ? 'ipc' : undefined
}

function ofHost(name: string, path: string, { hostNetwork, hostIPC }: PodSpec) {
  const namespace = namespaceOfSysctl(name)
  if (hostNetwork && namespace === 'net')
    return [invalid(path, name, "may not be specified when 'hostNetwork' is true")]
  return hostIPC && namespace === 'ipc' ? [invalid(path, name, "may not be specified when 'hostIPC' is true")] : FINE
}

const sysctls =
  (spec: PodSpec): Check<readonly Sysctl[]> =>
  (list, path) => {
    const taken = new Set<string>()
    return list.flatMap(({ name = '' }, index) => {
      const field = `${path}[${index}].name`
      const found = [...sysctlName(name, field, taken), ...ofHost(name, field, spec)]
      taken.add(name)
      return found
    })
  }

const oneProcessTree =
  ({ hostPID, shareProcessNamespace }: PodSpec): Check<PodSecurityContext> =>
  (_value, path) =>
    shareProcessNamespace && hostPID
      ? [invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : FINE

export const podSecurityContext = (spec: PodSpec): Check<PodSecurityContext> =>
  all<PodSecurityContext>(
    at('fsGroup', identity),
    at('runAsUser', identity),
    at('runAsGroup', identity),
    at('supplementalGroups', each(identity)),
    oneProcessTree(spec),
    at('sysctls', sysctls(spec)),
    at('fsGroupChangePolicy', oneOf('Always', 'OnRootMismatch')),
    at('seccompProfile', seccomp),
    at('windowsOptions', windowsOptions),
    at('appArmorProfile', appArmor),
    at('supplementalGroupsPolicy', oneOf('Merge', 'Strict')),
    at('seLinuxChangePolicy', oneOf('MountOption', 'Recursive')),
  )
