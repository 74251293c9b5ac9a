/**
 * `trace POD HOST:PORT`: the way of a request through the cluster, one line for each place it passes and each rule that had a say.
 * No real tool shows all of it at once: on real machines it takes tcpdump, ip route and iptables, on each of them.
 */
import { collectionOf } from '../etcd/store.ts'
import type { Hop, Packet } from '../machine/network/packet.ts'
import { trace } from '../machine/network/trace.ts'
import type { Finished } from '../shell/command.ts'
import { getSorted } from '../std/sorted.ts'
import { findAddress, machinesOf } from './network.ts'
import { storeOf, type World } from './world.ts'

const USAGE: Finished = { err: 'usage: trace POD HOST:PORT, with NAMESPACE/POD outside of default\n', code: 1 }

const packetText = ({ source, sourcePort, destination, destinationPort }: Packet): string =>
  `${source}:${sourcePort} > ${destination}:${destinationPort}`

function hopLines(hop: Hop): readonly string[] {
  switch (hop.hop) {
    case 'interface': {
      const wrapped = hop.vxlan ? `, carrying ${packetText(hop.vxlan.packet)} by VXLAN` : ''
      return [`${(hop.node ?? 'outside').padEnd(8)} ${hop.interface.padEnd(12)} ${packetText(hop.packet)}${wrapped}`]
    }
    case 'arp':
      return [`${(hop.node ?? 'outside').padEnd(8)} ${hop.interface.padEnd(12)} ${hop.says}`]
    case 'route':
      return [`${hop.node.padEnd(8)} ${'route'.padEnd(12)} ${hop.route}`]
    case 'rules':
      return hop.rules.map((rule) => `${hop.node.padEnd(8)} ${hop.hook.padEnd(12)} ${hop.table}: ${rule}`)
  }
}

type RunningPod = { readonly metadata: { readonly uid: string }; readonly spec: { readonly nodeName?: string } }

export function traceFrom(world: World, [, pod = '', target = '']: readonly string[]): Finished {
  const [, host = '', port = ''] = /^([^:]+):(\d+)$/.exec(target) ?? []
  if (host === '') return USAGE
  const key = pod.includes('/') ? pod : `default/${pod}`
  const found = getSorted(collectionOf(storeOf(world), 'pods').objects, key) as unknown as RunningPod | undefined
  if (!found?.spec.nodeName) return { err: `trace: there is no running Pod ${key}\n`, code: 1 }
  const from = { machine: found.spec.nodeName, pod: found.metadata.uid }
  const address = findAddress(world, from, host)
  if ('error' in address) return { err: `trace: ${pod} finds no address for ${host}\n`, code: 1 }
  const { hops, turn, verdict } = trace(machinesOf(world), {
    from: { of: 'pod', node: from.machine, uid: from.pod },
    protocol: 'tcp',
    address: address.address,
    port: Number(port),
    attempt: world.happened,
  })
  const lines = [...hops.slice(0, turn).flatMap(hopLines), 'the answer:', ...hops.slice(turn).flatMap(hopLines)]
  return {
    out: `${lines.join('\n')}\n${verdict.outcome}: ${verdict.words}\n`,
    code: verdict.outcome === 'answered' ? 0 : 1,
  }
}
