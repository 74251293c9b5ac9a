/**
 * The network of the whole world, as a trace asks about it: each machine's interfaces and routes, the rules that its kube-proxy
 * would have written from what it has seen, who listens where, which links are cut. And what stands on it: names are
 * asked of CoreDNS, requests reach the program behind an address.
 *
 * Left out: session affinity over time, servers on a machine's own network, the API server as an address that Pods can reach.
 */

import { dnsViewOf } from '../dns/dns-view-of.ts'
import type { Answer, Query } from '../dns/message.ts'
import { lookUp, parseResolvConf } from '../dns/resolver.ts'
import { resolve } from '../dns/server.ts'
import { collectionOf, getObject } from '../etcd/store.ts'
import type { FetchFailure } from '../machine/images/program.ts'
import { resolverFile } from '../machine/kubelet/host-names.ts'
import { flannelSees, leasesOf } from '../machine/network/flannel.ts'
import type { MachineNetwork } from '../machine/network/machine-network.ts'
import type { Machines } from '../machine/network/machines.ts'
import type { Place } from '../machine/network/packet.ts'
import { connect } from '../machine/network/trace.ts'
import { proxyTables } from '../machine/proxy/mode.ts'
import { proxyViewOf } from '../machine/proxy/proxy-view.ts'
import { isServing } from '../machine/served-request.ts'
import type { Machine } from '../machine/slice.ts'
import { getSorted, hasSorted, type Sorted, visitSorted } from '../std/sorted.ts'
import { atOf, cohortOf, linkName, type World } from './world.ts'

const NAMES = new WeakMap<object, ReadonlyMap<string, string>>()

/** Machines by their own address. */
function namesByAddress(machines: Sorted<Machine>): ReadonlyMap<string, string> {
  const known = NAMES.get(machines)
  if (known) return known
  const names = new Map<string, string>()
  visitSorted(machines, ({ identity }, name) => void names.set(identity.address, name))
  NAMES.set(machines, names)
  return names
}

/** A machine's network with the other machines' ranges, as far as its flanneld has heard of them. */
function networkOf(world: World, name: string): MachineNetwork | undefined {
  const machine = getSorted(world.machines, name)
  if (!machine || hasSorted(world.faults.down, name)) return undefined
  return flannelSees(machine.network, leasesOf(collectionOf(cohortOf(world, 'kube-proxies').seen, 'nodes').objects))
}

const listensAt = (world: World, place: Place, port: number): boolean => {
  if (place.of !== 'pod') return false
  const machine = getSorted(world.machines, place.node)
  return machine !== undefined && isServing(machine, place.uid, port)
}

/** What a trace may ask of this world. */
export function machinesOf(world: World): Machines {
  const view = proxyViewOf(cohortOf(world, 'kube-proxies').seen)
  return {
    network: (name) => networkOf(world, name),
    proxyTables: (name) =>
      proxyTables('iptables', view, { name, address: getSorted(world.machines, name)!.identity.address }),
    nodeOf: (address) => namesByAddress(world.machines).get(address),
    listens: (place, _protocol, _address, port) => listensAt(world, place, port),
    isCut: (from, to) => hasSorted(world.faults.cut, linkName([from, to])),
    draw: atOf(world).draw,
  }
}

type WithData = { readonly data?: Readonly<Record<string, string>> }

const DEFAULT_COREFILE = '.:53 {\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n}\n'

/** What CoreDNS answers from what it has seen and how it is configured. */
function dnsAnswer(world: World, query: Query): Answer {
  const { seen } = cohortOf(world, 'coredns')
  const map = getObject(seen, 'configmaps', 'kube-system/coredns') as WithData | undefined
  const corefile = map?.data?.Corefile ?? DEFAULT_COREFILE
  return resolve({ view: dnsViewOf(seen), corefile, draw: atOf(world).draw }, query)
}

/** A question to the name server at an address; undefined when nobody answers. */
export function askName(world: World, from: Place, nameserver: string, query: Query): Answer | undefined {
  const attempt = `${query.name} ${query.type} ${world.happened}`
  const { answeredBy } = connect(machinesOf(world), from, nameserver, 53, 'udp', { attempt })
  return answeredBy ? dnsAnswer(world, query) : undefined
}

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

export const isAddress = (host: string): boolean => IPV4.test(host)

type Found = { readonly address: string } | FetchFailure

/** The address behind a name, as a program in a Pod finds it. */
export function findAddress(
  world: World,
  from: { readonly machine: string; readonly pod: string },
  host: string,
): Found {
  if (IPV4.test(host)) return { address: host }
  const machine = getSorted(world.machines, from.machine)!
  const pod = getSorted(machine.pods, from.pod)?.pod
  if (!pod) return { error: 'no-such-host' }
  const config = parseResolvConf(resolverFile(pod, machine.identity))
  const place: Place = { of: 'pod', node: from.machine, uid: from.pod }
  let silent = false
  const ask = (query: Query): Answer => {
    const answer = askName(world, place, config.nameservers[0] ?? '', query)
    silent ||= answer === undefined
    return answer ?? NO_ANSWER
  }
  const { addresses } = lookUp(host, config, ask)
  const address = addresses.find((text) => IPV4.test(text))
  if (address) return { address }
  return { error: silent ? 'timeout' : 'no-such-host' }
}

const NO_ANSWER: Answer = { rcode: 'SERVFAIL', flags: [], answer: [], authority: [], additional: [] }

const FAILURES: Readonly<Record<string, FetchFailure>> = {
  rejected: { error: 'refused' },
  closed: { error: 'refused' },
  unreachable: { error: 'unreachable' },
}

/** What a program sees of a connection that did not come about. */
export const failureOf = (outcome: string): FetchFailure => FAILURES[outcome] ?? { error: 'timeout' }

/** Where a request from a Pod ends up: at a server, or in a failure that the program sees. */
export type Destination = { readonly machine: string; readonly pod: string; readonly port: number } | FetchFailure

export function destinationOf(
  world: World,
  from: { readonly machine: string; readonly pod: string },
  host: string,
  port: number,
): Destination {
  const found = findAddress(world, from, host)
  if ('error' in found) return found
  const place: Place = { of: 'pod', node: from.machine, uid: from.pod }
  const made = connect(machinesOf(world), place, found.address, port, 'tcp', { attempt: world.happened })
  const reached = made.reached?.place
  if (made.verdict.outcome === 'answered' && reached?.of === 'pod')
    return { machine: reached.node, pod: reached.uid, port: made.reached!.packet.destinationPort }
  return failureOf(made.verdict.outcome)
}
