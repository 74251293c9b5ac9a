/**
 * Starting is quicker where the images already are. Points are given for their size, less if few nodes have them, so
 * that a popular image does not draw all its Pods onto one node.
 *
 * Upstream: pkg/scheduler/framework/plugins/imagelocality
 */
import { getSorted } from '../../std/sorted.ts'
import type { Container, Pod } from '../objects.ts'
import { type Cluster, HIGHEST_SCORE, type Plugin } from '../plugin.ts'

const MEBIBYTE = 1024 * 1024
const LEAST_BYTES = 23 * MEBIBYTE
const MOST_BYTES_PER_CONTAINER = 1000 * MEBIBYTE

/** Without a tag it is `latest`. */
const normalized = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image

const NONE: readonly Container[] = []

const imagesOf = ({ spec }: Pod): readonly string[] =>
  [...(spec.initContainers ?? NONE), ...spec.containers].map(({ image }) => normalized(image ?? ''))

/** How many bytes an image counts on a node that has it. */
function worth({ snapshot }: Cluster, image: string): number {
  const spread = getSorted(snapshot.images, image)
  return spread ? Math.trunc(spread.size * (spread.nodes / snapshot.facts.size)) : 0
}

export function pointsFor(bytes: number, containers: number): number {
  const most = MOST_BYTES_PER_CONTAINER * containers
  const counted = Math.min(Math.max(bytes, LEAST_BYTES), most)
  return Math.trunc((HIGHEST_SCORE * (counted - LEAST_BYTES)) / (most - LEAST_BYTES))
}

interface Rated {
  /** Of each container's image. */
  readonly worths: readonly number[]
}

/**
 * Which images a node has depends on the node alone, what they are worth on the whole cluster: score says which, as one
 * bit for each container, and spread what that is worth.
 */
export const imageLocality: Plugin<unknown, Rated> = {
  name: 'ImageLocality',
  looksAt: 'node',
  rate: ({ pod }, cluster) => ({ worths: imagesOf(pod).map((image) => worth(cluster, image)) }),
  score({ pod }, { facts }) {
    let bits = 0
    imagesOf(pod).forEach((image, index) => {
      if (facts.images[image] !== undefined) bits += 2 ** index
    })
    return bits
  },
  spread(scores, count, { worths }) {
    if (worths.every((bytes) => bytes === 0)) scores.fill(0, 0, count)
    else for (let i = 0; i < count; i++) scores[i] = pointsFor(bytesOf(scores[i]!, worths), worths.length)
  },
}

function bytesOf(bits: number, worths: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < worths.length; i++) if (Math.floor(bits / 2 ** i) % 2 === 1) sum += worths[i]!
  return sum
}
