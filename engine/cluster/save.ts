/**
 * A world written down, and read back. Stores share most of what they hold with each other, so whatever occurs more than once
 * is written once and referred to by number; the text is plain JSON.
 *
 * Left out: reading worlds of another version. The envelope names its version and a text of another one is refused.
 */
import { remembered } from '../std/remembered.ts'
import type { World } from './world.ts'

const FORMAT = 'kubefold world 1'

interface Saved {
  readonly format: typeof FORMAT
  readonly checksum: number
  /** Every object and array, its parts by number when they are objects themselves: `[3]` is number 3. */
  readonly nodes: readonly unknown[]
}

type Node = readonly unknown[] | { readonly [name: string]: unknown }

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

/** Depth first, parts before wholes, each object once. */
function collect(root: Node): readonly unknown[] {
  const numbers = new Map<Node, number>()
  const nodes: unknown[] = []
  const visit = (node: Node): number => {
    const known = numbers.get(node)
    if (known !== undefined) return known
    const part = (value: unknown) => (isNode(value) ? [visit(value)] : value)
    const written = Array.isArray(node)
      ? node.map(part)
      : Object.fromEntries(Object.entries(node).map(([name, value]) => [name, part(value)]))
    const number = nodes.push(written) - 1
    numbers.set(node, number)
    return number
  }
  visit(root)
  return nodes
}

function checksumOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

export function saveWorld(world: World): string {
  const nodes = collect(world as unknown as Node)
  return JSON.stringify({ format: FORMAT, checksum: checksumOf(JSON.stringify(nodes)), nodes } satisfies Saved)
}

const hexOf = (text: string): string => checksumOf(text).toString(16).padStart(8, '0')

/** Two checksums of a text that begin differently: 64 bits, so that no two worlds meet by accident. */
const digestOf = (text: string): string => hexOf(text) + hexOf(`~${text}`)

/** What is part of many wholes is read once. */
const nodeDigest: (node: Node) => string = remembered((node: Node): string => {
  const part = (value: unknown) => (isNode(value) ? nodeDigest(value) : JSON.stringify(value))
  return digestOf(
    Array.isArray(node)
      ? `[${node.map(part).join()}]`
      : `{${Object.entries(node)
          .map(([name, value]) => `${JSON.stringify(name)}:${part(value)}`)
          .join()}}`,
  )
})

/** Equal for worlds that are equal, however much they share. */
export const hashWorld = (world: World): string => nodeDigest(world as unknown as Node)

function restore(nodes: readonly unknown[]): unknown {
  const built: unknown[] = []
  const part = (value: unknown) => (Array.isArray(value) ? built[value[0] as number] : value)
  for (const node of nodes)
    built.push(
      Array.isArray(node)
        ? node.map(part)
        : Object.fromEntries(Object.entries(node as object).map(([name, value]) => [name, part(value)])),
    )
  return built.at(-1)
}

function parsed(text: string): Partial<Saved> {
  try {
    const saved: unknown = JSON.parse(text)
    return isNode(saved) ? (saved as Partial<Saved>) : {}
  } catch {
    return {}
  }
}

/** The world, or a sentence that says why the text is none. */
export function loadWorld(text: string): World | string {
  const { format, nodes, checksum } = parsed(text)
  if (typeof format !== 'string' || !Array.isArray(nodes)) return 'This is not a saved world, or it was cut short.'
  if (format !== FORMAT) return `This world was saved as "${format}"; this version reads "${FORMAT}".`
  if (checksumOf(JSON.stringify(nodes)) !== checksum)
    return 'This saved world was changed after it was saved. Export it again from where it came.'
  return restore(nodes) as World
}
