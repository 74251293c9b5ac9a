/** A Pod's spec as the server holds it inside: what concerns the host's namespaces stands in the security context there. */
import type { PodSpec } from '../../../api/types.generated.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'

const OF_CONTEXT = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'] as const

const BARE: readonly (keyof PodSpec)[] = ['hostNetwork', 'hostPID', 'hostIPC']

const GO: Readonly<Record<string, string>> = {
  hostNetwork: 'HostNetwork',
  hostPID: 'HostPID',
  hostIPC: 'HostIPC',
  shareProcessNamespace: 'ShareProcessNamespace',
  hostUsers: 'HostUsers',
}

export function internalPodSpec(spec: PodSpec): object {
  const moved = OF_CONTEXT.map((name): [string, unknown] => [
    GO[name]!,
    spec[name] ?? (BARE.includes(name) ? false : null),
  ])
  const form = internalForm('PodSpec', spec) as Readonly<Record<string, unknown>>
  const context = form.SecurityContext as object | null
  return { ...form, SecurityContext: context === null ? null : { ...Object.fromEntries(moved), ...context } }
}
