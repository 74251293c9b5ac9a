/** Numbers and names of ports. Upstream: staging/src/k8s.io/apimachinery/pkg/util/validation (IsValidPortNum) */
import { between, type Check, like } from './check.ts'
import { portName } from './formats.ts'

export const portNumber: Check<number> = between(1, 65535)

const named = like(portName)

/** A port by number or by the name that a container gives it. */
export const portNumberOrName: Check<number | string> = (port, path) =>
  typeof port === 'number' ? portNumber(port, path) : named(port, path)

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'] as const
