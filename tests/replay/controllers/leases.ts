/**
 * Renewals of leases were not recorded: each kubelet renews its own every ten seconds until it is killed. While it does, its Lease says
 * no time; when it is killed, the Lease says when it last was renewed, which is taken from when the cluster noticed.
 */
import { type KubeObject, keyFor } from '../../../engine/api/object.ts'
import { EPOCH, type Millis, seconds, unixTimestamp } from '../../../engine/std/time.ts'
import { presetObjects } from './preset.ts'
import type { Line, Preset, WriteLine } from './recording.ts'

const LEASES = 'leases.coordination.k8s.io'

/** A node is given up when it was silent for so long; its kubelet spoke at most so long before it was killed. */
const GRACE = seconds(50)
const RENEWAL = seconds(10)

type Lease = KubeObject & { readonly spec?: Readonly<Record<string, unknown>> }

function saying(lease: Lease, renewTime: string | undefined): Lease {
  const { renewTime: _, ...spec } = lease.spec ?? {}
  return { ...lease, spec: renewTime === undefined ? spec : { ...spec, renewTime } }
}

const isGivenUp = (line: Line, node: string): boolean =>
  line.is === 'write' && line.call === `update nodes/status ${node}` && line.who === 'node-controller'

/** When the kubelet spoke last, if it was killed at `killed` and given up later. */
function lastRenewal(lines: readonly Line[], from: number, node: string, killed: Millis): Millis {
  const noticed = lines.slice(from).find((line) => isGivenUp(line, node))
  const latest = noticed === undefined ? killed : Math.min(killed, noticed.at - GRACE)
  return Math.max(latest, killed - RENEWAL)
}

interface Command {
  readonly op?: string
  readonly node?: string
}

function write(lease: Lease, at: Millis): WriteLine {
  const { namespace, name } = lease.metadata
  return {
    is: 'write',
    at,
    who: '',
    call: '',
    resource: LEASES,
    key: keyFor(namespace, name),
    after: lease,
    last: lease,
  }
}

export function withLeases(lines: readonly Line[], preset: Preset): readonly Line[] {
  const leases = new Map<string, Lease>()
  for (const [resource, object] of presetObjects(preset))
    if (resource === LEASES) leases.set(object.metadata.name, object)
  return lines.flatMap((line, index): readonly Line[] => {
    if (line.is === 'write' && line.resource === LEASES) {
      const lease = saying(line.last, undefined)
      leases.set(lease.metadata.name, lease)
      return [{ ...line, after: line.after && lease, last: lease }]
    }
    const { op, node = '' } = (line.is === 'step' ? ((line.does.fakelet as Command | undefined) ?? {}) : {}) as Command
    const lease = leases.get(node)
    if (!lease || (op !== 'kill' && op !== 'revive')) return [line]
    const heard = op === 'kill' ? unixTimestamp(EPOCH + lastRenewal(lines, index, node, line.at)) : undefined
    return [line, write(saying(lease, heard), line.at)]
  })
}
