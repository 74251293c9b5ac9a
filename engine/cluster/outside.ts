/**
 * The cluster as one reaches it from outside, from the learner's own computer: node addresses and the ports they open, and nothing
 * else. Names of Services and their addresses mean nothing out here, which is why NodePort, port-forward and Ingress exist.
 *
 * Left out: names of the world outside, external addresses of Services, the words of GNU's wget where they are not busybox's.
 */
import type { Answer } from '../dns/message.ts'
import { curl, wget } from '../machine/images/container-commands.ts'
import { knockAt, lookUpName } from '../machine/images/name-lookup.ts'
import type { FetchFailure, HttpRequest, HttpResponse } from '../machine/images/program.ts'
import { OUTSIDE } from '../machine/network/packet.ts'
import { connect } from '../machine/network/trace.ts'
import { atOnce, type Command } from '../shell/command.ts'
import { askServer } from './components.ts'
import { failureOf, isAddress, machinesOf } from './network.ts'
import type { World } from './world.ts'

const ADDRESS = '172.18.0.1'

interface Desk {
  world: World
}

/** A request over the wire between this computer and the nodes. */
function fetchFrom(desk: Desk, host: string, port: number, request: HttpRequest): HttpResponse | FetchFailure {
  if (host === 'localhost' || host.startsWith('127.')) return { error: 'refused' }
  if (!isAddress(host)) return { error: 'no-such-host' }
  const { world } = desk
  const made = connect(machinesOf(world), OUTSIDE, host, port, 'tcp', { fromAddress: ADDRESS, attempt: world.happened })
  const { reached, verdict } = made
  if (verdict.outcome !== 'answered' || reached?.place.of !== 'pod') return failureOf(verdict.outcome)
  const { node, uid } = reached.place
  const to = { machine: node, pod: uid, port: reached.packet.destinationPort }
  const [after, answer] = askServer(world, to, request)
  desk.world = after
  return answer
}

const UNKNOWN: Answer = { rcode: 'NXDOMAIN', flags: [], answer: [], authority: [], additional: [] }

/** The name server out here has never heard of the cluster; the cluster's own is not reached. */
const names = {
  files: { read: () => `nameserver ${ADDRESS}\n` },
  ask: (nameserver: string) => (nameserver === ADDRESS ? UNKNOWN : undefined),
}

export function outsideCommands(desk: Desk): Readonly<Record<string, Command>> {
  const host = {
    fetch: (name: string, port: number, request: HttpRequest) => fetchFrom(desk, name, port, request),
  }
  return {
    curl: { ...curl(host), about: 'Ask a server: curl http://NODE-ADDRESS:NODE-PORT' },
    wget: { ...wget(host), about: 'Ask a server and keep its answer: wget -qO- http://NODE-ADDRESS:NODE-PORT' },
    nslookup: atOnce(({ argv }) => lookUpName(names, argv), 'Look up a name, as this computer knows it.'),
    nc: atOnce(({ argv }) => knockAt(host, argv), 'Try a port: nc -zv NODE-ADDRESS PORT'),
  }
}
