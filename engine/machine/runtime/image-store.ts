/** Images on a machine's disk: fetched once, then shared by every container that uses them. */
import { getSorted, type Sorted, setSorted, sortedValues, visitSorted } from '../../std/sorted.ts'
import type { RegistryImage } from './image-content.ts'
import type { ImageReference } from './image-reference.ts'

export interface ImageOnDisk {
  readonly digest: string
  readonly repository: string
  /** `docker.io/library/nginx@sha256:…` */
  readonly imageId: string
  /** `docker.io/library/nginx:1.27`, in the order in which they came. */
  readonly names: readonly string[]
  readonly sizeBytes: number
  readonly content: RegistryImage
}

/** Whether any of an image's names is this one. */
function findNamed(images: Sorted<ImageOnDisk>, name: string): ImageOnDisk | undefined {
  let found: ImageOnDisk | undefined
  visitSorted(images, (image) => {
    if (image.names.includes(name)) found = image
    return found === undefined
  })
  return found
}

export const imageOnDisk = (images: Sorted<ImageOnDisk>, reference: ImageReference): ImageOnDisk | undefined =>
  reference.digest === undefined ? findNamed(images, reference.name) : getSorted(images, reference.digest)

export function withImage(images: Sorted<ImageOnDisk>, content: RegistryImage, name: string): Sorted<ImageOnDisk> {
  const old = getSorted(images, content.digest)
  if (old?.names.includes(name)) return images
  const names = old ? [...old.names, name] : [name]
  const { digest, sizeBytes, repository } = content
  return setSorted(images, digest, {
    digest,
    repository,
    imageId: `${repository}@${digest}`,
    names,
    sizeBytes,
    content,
  })
}

/** As the Node's status lists them: the largest first, at most fifty. */
export const imagesBySize = (images: Sorted<ImageOnDisk>): readonly ImageOnDisk[] =>
  sortedValues(images)
    .sort((one, other) => other.sizeBytes - one.sizeBytes)
    .slice(0, 50)

/** The image a container was made of, by what its status calls the image id. */
export const imageOf = (images: Sorted<ImageOnDisk>, imageId: string): ImageOnDisk | undefined =>
  getSorted(images, imageId.slice(imageId.indexOf('@') + 1))
