/**
 * What a process may do beyond its user's rights, as /proc/self/status shows it: the runtime's usual set, what the spec adds
 * and drops, and whether it may ever gain more.
 *
 * Upstream: containerd's default capabilities, pkg/security
 */
import type { Container, Pod } from '../../api/types.generated.ts'
import type { ContainerRecord } from '../runtime/runtime.ts'

/** In the order of their numbers. */
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

const USUAL =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(
    ' ',
  )

const plain = (name: string): string => name.toUpperCase().replace(/^CAP_/, '')

function heldBy({ securityContext }: Container): ReadonlySet<string> {
  if (securityContext?.privileged) return new Set(NAMES)
  const add = (securityContext?.capabilities?.add ?? []).map(plain)
  const drop = (securityContext?.capabilities?.drop ?? []).map(plain)
  const start = drop.includes('ALL') ? [] : add.includes('ALL') ? NAMES : USUAL
  return new Set([...start.filter((name) => !drop.includes(name)), ...add.filter((name) => NAMES.includes(name))])
}

function mask(held: ReadonlySet<string>): string {
  const number = NAMES.reduce((sum, name, bit) => (held.has(name) ? sum + 2 ** bit : sum), 0)
  return number.toString(16).padStart(16, '0')
}

const NOTHING: ReadonlySet<string> = new Set()

/** The part of /proc/self/status that tells of rights. */
export function rightsText({ spec }: Pod, container: Container, { uid }: ContainerRecord): string {
  const bounding = heldBy(container)
  const effective = uid === 0 ? bounding : NOTHING
  const own = container.securityContext
  const mayNotGain = own?.allowPrivilegeEscalation === false
  const seccomp = own?.seccompProfile ?? spec.securityContext?.seccompProfile
  const filtered = seccomp !== undefined && seccomp.type !== 'Unconfined'
  return [
    'Name:\tsh',
    `CapInh:\t${mask(NOTHING)}`,
    `CapPrm:\t${mask(effective)}`,
    `CapEff:\t${mask(effective)}`,
    `CapBnd:\t${mask(bounding)}`,
    `CapAmb:\t${mask(NOTHING)}`,
    `NoNewPrivs:\t${mayNotGain ? 1 : 0}`,
    `Seccomp:\t${filtered ? 2 : 0}`,
    '',
  ].join('\n')
}
