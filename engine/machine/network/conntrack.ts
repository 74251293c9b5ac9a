/**
 * Connection tracking: each machine remembers the conversations that pass it and what it rewrote in their first
 * packet, rewrites all further packets alike, and rewrites the answers back. That is why an answer seems to come from
 * the Service.
 *
 * Upstream: the kernel's nf_conntrack and nf_nat
 * Left out: timeouts and TCP's states; an entry here is what `conntrack -L` shows while the conversation goes on.
 */
import type { Packet } from './packet.ts'
import type { Protocol } from './rule.ts'

export interface Tuple {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
}

/** The conversation as it was begun, and as the answers look before they are rewritten. */
export interface Conversation {
  readonly protocol: Protocol
  readonly original: Tuple
  readonly reply: Tuple
}

export const tupleOf = ({ source, sourcePort, destination, destinationPort }: Tuple): Tuple => ({
  source,
  sourcePort,
  destination,
  destinationPort,
})

const reversed = ({ source, sourcePort, destination, destinationPort }: Tuple): Tuple => ({
  source: destination,
  sourcePort: destinationPort,
  destination: source,
  destinationPort: sourcePort,
})

const same = (a: Tuple, b: Tuple): boolean =>
  a.source === b.source &&
  a.sourcePort === b.sourcePort &&
  a.destination === b.destination &&
  a.destinationPort === b.destinationPort

export const begin = (packet: Packet): Conversation => ({
  protocol: packet.protocol,
  original: tupleOf(packet),
  reply: reversed(packet),
})

export type Direction = 'original' | 'reply'

export interface Tracked {
  readonly conversation: Conversation
  readonly direction: Direction
}

/** The conversation a packet belongs to, and on which way. */
export function findConversation(entries: readonly Conversation[], packet: Packet): Tracked | undefined {
  for (const conversation of entries) {
    if (conversation.protocol !== packet.protocol) continue
    if (same(conversation.original, packet)) return { conversation, direction: 'original' }
    if (same(conversation.reply, packet)) return { conversation, direction: 'reply' }
  }
  return undefined
}

/** What the packet must say when it leaves, by the other half of its conversation. */
const leaving = ({ conversation, direction }: Tracked): Tuple =>
  reversed(direction === 'original' ? conversation.reply : conversation.original)

/** On the way in the destination is rewritten: to the endpoint, or for an answer back to the asker. */
export function rewriteDestination<P extends Packet>(packet: P, tracked: Tracked): P {
  const { destination, destinationPort } = leaving(tracked)
  return { ...packet, destination, destinationPort }
}

/** On the way out the source is rewritten: masquerade, or for an answer back to the address that was asked. */
export function rewriteSource<P extends Packet>(packet: P, tracked: Tracked): P {
  const { source, sourcePort } = leaving(tracked)
  return { ...packet, source, sourcePort }
}

/** The conversation is redirected: answers will come from there. */
export const withDnat = (conversation: Conversation, address: string, port: number): Conversation => ({
  ...conversation,
  reply: { ...conversation.reply, source: address, sourcePort: port },
})

/** The conversation goes out under another address: answers will come to it. */
export const withSnat = (conversation: Conversation, address: string, port: number): Conversation => ({
  ...conversation,
  reply: { ...conversation.reply, destination: address, destinationPort: port },
})
