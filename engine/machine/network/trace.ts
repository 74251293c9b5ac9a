/**
 * Where a packet goes is a question, not an event. `trace` follows a request and its answer through the machines;
 * `connect` asks what a client would see. curl, probes, lessons and pictures all ask here.
 *
 * Left out: what is said once the connection stands (images answer that), retransmissions, bandwidth.
 */

import type { Conversation } from './conntrack.ts'
import { type Arrival, newWalk, type Stopped, type Walk } from './flight.ts'
import { podLink } from './machine-network.ts'
import type { Machines } from './machines.ts'
import type { Hop, Outcome, Packet, Place, Verdict } from './packet.ts'
import type { Protocol } from './rule.ts'
import { fromMachine, fromOutside, fromPod, sourceFor } from './walk.ts'

export interface Question {
  readonly from: Place
  /** The address of the world outside, when that is who asks. */
  readonly fromAddress?: string
  readonly protocol: Protocol
  readonly address: string
  /** None for icmp. */
  readonly port?: number
  /** Which connection of this client it is: another one may be sent to another endpoint. */
  readonly attempt?: string | number
}

export interface Trace {
  /** The request's way and then the answer's. */
  readonly hops: readonly Hop[]
  /** Where in `hops` the answer begins. */
  readonly turn: number
  readonly verdict: Verdict
  /** Who got the request, and as what it arrived. */
  readonly reached?: { readonly place: Place; readonly packet: Packet }
  /** What each machine's conntrack holds after the request and its answer; what an error message adds is not in it. */
  readonly conntrack: Readonly<Record<string, readonly Conversation[]>>
  /** Session affinity to be kept: this machine sent this source to that endpoint now. */
  readonly remembered: readonly { readonly node: string; readonly endpointChain: string; readonly source: string }[]
}

const LENGTHS: Readonly<Record<Protocol, number>> = { tcp: 60, udp: 34, sctp: 68, icmp: 84 }

const NOTES: Readonly<Record<Protocol, string>> = { tcp: 'S', udp: '', sctp: 'INIT', icmp: 'echo request' }

const ANSWERS: Readonly<Record<Protocol, string>> = { tcp: 'S.', udp: '', sctp: 'INIT ACK', icmp: 'echo reply' }

function sourceOf({ network }: Machines, { from, fromAddress, address }: Question): string | undefined {
  if (from.of === 'outside') return fromAddress
  const place = network(from.node)
  if (!place) return undefined
  return from.of === 'pod' ? podLink(place, from.uid)?.address : sourceFor(place, address)
}

function send(walk: Walk, from: Place, packet: Packet): Arrival {
  if (from.of === 'outside') return fromOutside(walk, packet)
  if (from.of === 'machine') return fromMachine(walk, from.node, packet)
  const link = podLink(walk.machines.network(from.node)!, from.uid)
  return link ? fromPod(walk, from.node, link, packet) : { arrived: false, outcome: 'lost', words: 'the pod is gone' }
}

function requestOf(machines: Machines, question: Question, source: string): Packet {
  const { protocol, address, port = 0, attempt = 0 } = question
  const drawn = machines.draw('source port', source, address, port, attempt)
  return {
    protocol,
    source,
    sourcePort: protocol === 'icmp' ? 0 : 32768 + Math.floor(drawn * 28232),
    destination: address,
    destinationPort: port,
    ttl: 64,
    length: LENGTHS[protocol],
    note: NOTES[protocol],
  }
}

const REFUSAL_LENGTHS: Partial<Record<Protocol, number>> = { tcp: 40, sctp: 48 }

function answerTo(request: Packet, isOpen: boolean): Packet {
  const { protocol, source, sourcePort, destination, destinationPort } = request
  const refusal = protocol === 'tcp' ? '.R' : protocol === 'sctp' ? 'ABORT' : 'udp port unreachable'
  return {
    protocol,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
    ttl: 64,
    length: isOpen ? LENGTHS[protocol] : (REFUSAL_LENGTHS[protocol] ?? request.length + 28),
    note: isOpen ? ANSWERS[protocol] : refusal,
  }
}

const samePlace = (a: Place, b: Place): boolean =>
  a.of === b.of &&
  (a.of === 'outside' || b.of === 'outside' || a.node === b.node) &&
  (a.of !== 'pod' || b.of !== 'pod' || a.uid === b.uid)

/** An answer counts only if it comes from where was asked, to the port that asks. */
const isAnswerTo = (request: Packet, answer: Packet): boolean =>
  answer.source === request.destination &&
  answer.sourcePort === request.destinationPort &&
  answer.destination === request.source &&
  answer.destinationPort === request.sourcePort

const describe = (walk: Walk, place: Place): string => {
  if (place.of === 'outside') return 'a machine outside the cluster'
  if (place.of === 'machine') return place.node
  const link = podLink(walk.machines.network(place.node)!, place.uid)
  return `${link?.name} on ${place.node}`
}

function judge(walk: Walk, from: Place, request: Packet, reached: Place, isOpen: boolean, back: Arrival): Verdict {
  if (!back.arrived) return { outcome: back.outcome, words: `the answer was lost: ${back.words}` }
  if (!samePlace(back.place, from) || !isAnswerTo(request, back.packet)) {
    const { source } = back.packet
    const words = `${describe(walk, reached)} answered, but the answer came from ${source}, whom nobody had asked`
    return { outcome: 'misdirected', words }
  }
  const who = describe(walk, reached)
  if (isOpen) return { outcome: 'answered', words: `${who} answered` }
  return { outcome: 'closed', words: `it reached ${who}, but nobody listens on port ${request.destinationPort} there` }
}

/** A machine says that a packet cannot get on: that, too, is a packet. */
function sayBack(walk: Walk, { node, about, note }: NonNullable<Stopped['said']>): void {
  const network = walk.machines.network(node)
  if (!network || about.source === undefined) return
  fromMachine(walk, node, {
    protocol: 'icmp',
    source: sourceFor(network, about.source),
    sourcePort: 0,
    destination: about.source,
    destinationPort: 0,
    ttl: 64,
    length: about.length + 28,
    note,
  })
}

function finish(walk: Walk, verdict: Verdict, turn: number, reached?: Trace['reached']): Trace {
  const kept = [...walk.conversations].filter(([, list]) => list.length > 0)
  const conntrack = Object.fromEntries(kept.map(([node, list]) => [node, [...list]]))
  const { hops, remembered } = walk
  return { hops, turn, verdict, ...(reached ? { reached } : {}), conntrack, remembered }
}

/** A conversation that a reset ends before it began is dropped from conntrack. */
function dropReset(walk: Walk, request: Packet, isOpen: boolean): void {
  if (isOpen || request.protocol !== 'tcp') return
  for (const [node, list] of walk.conversations)
    walk.conversations.set(
      node,
      list.filter(({ protocol }) => protocol !== request.protocol),
    )
}

export function trace(machines: Machines, question: Question): Trace {
  const walk = newWalk(machines)
  const source = sourceOf(machines, question)
  if (source === undefined) return finish(walk, { outcome: 'lost', words: 'who asks is not there' }, 0)
  const request = requestOf(machines, question, source)
  const there = send(walk, question.from, request)
  const turn = walk.hops.length
  if (!there.arrived) {
    const { conntrack } = finish(walk, { outcome: there.outcome, words: there.words }, turn)
    if (there.said) sayBack(walk, there.said)
    return { ...finish(walk, { outcome: there.outcome, words: there.words }, turn), conntrack }
  }
  const { protocol, destination, destinationPort } = there.packet
  const isOpen = protocol === 'icmp' || machines.listens(there.place, protocol, destination, destinationPort)
  const back = send(walk, there.place, answerTo(there.packet, isOpen))
  const verdict = judge(walk, question.from, request, there.place, isOpen, back)
  dropReset(walk, request, isOpen)
  return finish(walk, verdict, turn, there)
}

/** What the client's system call says; undefined when it got a connection. */
const ERRORS: Readonly<Record<Outcome, string | undefined>> = {
  answered: undefined,
  closed: 'Connection refused',
  rejected: 'Connection refused',
  dropped: 'Connection timed out',
  lost: 'Connection timed out',
  misdirected: 'Connection timed out',
  unreachable: 'No route to host',
}

/** How long the neighbours are asked for an address before a machine gives up. */
export const UNREACHABLE_AFTER_MILLIS = 3000

export interface Connection extends Trace {
  readonly answeredBy?: Place
  /** The address and port the connection arrived at, and from which address it seemed to come. */
  readonly arrivedAt?: { readonly address: string; readonly port: number }
  readonly sourceSeen?: string
  readonly error?: string
  /** A client that waits less long than this sees a timeout instead of the error. */
  readonly errorAfterMillis: number
}

const DELAYS: Partial<Record<Outcome, number>> = {
  unreachable: UNREACHABLE_AFTER_MILLIS,
  dropped: Number.POSITIVE_INFINITY,
  lost: Number.POSITIVE_INFINITY,
  misdirected: Number.POSITIVE_INFINITY,
}

export function connect(
  machines: Machines,
  from: Place,
  address: string,
  port: number,
  protocol: Protocol = 'tcp',
  options: { readonly fromAddress?: string; readonly attempt?: string | number } = {},
): Connection {
  const traced = trace(machines, { from, protocol, address, port, ...options })
  const { outcome } = traced.verdict
  const error = ERRORS[outcome]
  const errorAfterMillis = DELAYS[outcome] ?? 0
  if (error !== undefined || !traced.reached) return { ...traced, error: error ?? 'unknown', errorAfterMillis }
  const { place, packet } = traced.reached
  return {
    ...traced,
    answeredBy: place,
    arrivedAt: { address: packet.destination, port: packet.destinationPort },
    sourceSeen: packet.source,
    errorAfterMillis,
  }
}
