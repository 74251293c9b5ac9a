/**
 * Getting an image onto the machine, or finding that it is there. One image is fetched at a time; a fetch that failed is
 * not tried again before its back-off is over.
 *
 * Upstream: pkg/kubelet/images/image_manager.go
 * Left out: checking whether a pod may use an image that another pod's credentials fetched, parallel pulls.
 */
import type { Container } from '../../api/types.generated.ts'
import { formatDuration } from '../../std/duration.ts'
import type { Millis } from '../../std/time.ts'
import { nodeChanged } from '../node.ts'
import { type ImageReference, isBadReference, parseImage } from '../runtime/image-reference.ts'
import { type ImageOnDisk, imageOnDisk, withImage } from '../runtime/image-store.ts'
import { fetchImage, pullTime } from '../runtime/registry.ts'
import type { Pull } from '../slice.ts'
import { after, around, keepRecord, record as recordEvent, recordOf, type Turn } from '../turn.ts'
import { nextBackOff, timeLeft } from './back-off.ts'
import { fieldPathOf } from './container-kind.ts'
import { type Failure, type PodRecord, withEntry } from './pod-record.ts'
import { pullCredentials } from './pull-credentials.ts'
import { imageArrived, imageFailed } from './start-containers.ts'

export type ImageAnswer =
  | { readonly is: 'here'; readonly image: ImageOnDisk }
  | { readonly is: 'waiting'; readonly record: PodRecord }
  | { readonly is: 'failed'; readonly record: PodRecord; readonly failure: Failure }

type Say = (type: 'Normal' | 'Warning', reason: string, message: string) => void

const sayAbout =
  (turn: Turn, record: PodRecord, container: string): Say =>
  (type, reason, message) =>
    recordEvent(turn, record.pod, type, reason, message, fieldPathOf(record.pod, container))

export function ensureImage(turn: Turn, record: PodRecord, container: Container): ImageAnswer {
  const image = container.image ?? ''
  const say = sayAbout(turn, record, container.name)
  const reference = parseImage(image)
  if (isBadReference(reference)) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${reference.problem}`
    say('Warning', 'InspectFailed', message)
    return { is: 'failed', record, failure: { reason: 'InvalidImageName', message } }
  }
  const policy = container.imagePullPolicy ?? 'IfNotPresent'
  const present = imageOnDisk(turn.machine.images, reference)
  if (present && policy !== 'Always') {
    say('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
    return { is: 'here', image: present }
  }
  if (policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`
    say('Warning', 'ErrImageNeverPull', message)
    return { is: 'failed', record, failure: { reason: 'ErrImageNeverPull', message } }
  }
  return pull(turn, record, container, image, say)
}

function pull(turn: Turn, record: PodRecord, container: Container, image: string, say: Say): ImageAnswer {
  const entry = record.pullBackOff[image]
  if (entry && timeLeft(entry, entry.updatedAt, turn.at.now) > 0) {
    const text = `Back-off pulling image "${image}"`
    say('Normal', 'BackOff', text)
    const message = `${text}: ErrImagePull: ${entry.cause ?? ''}`
    return { is: 'failed', record, failure: { reason: 'ImagePullBackOff', message } }
  }
  say('Normal', 'Pulling', `Pulling image "${image}"`)
  const asked: Pull = {
    image,
    pod: record.pod.metadata.uid,
    container: container.name,
    askedAt: turn.at.now,
    startedAt: null,
  }
  turn.machine = { ...turn.machine, pulls: [...turn.machine.pulls, asked] }
  fetchNext(turn, record)
  return { is: 'waiting', record }
}

/** Asking a registry that says no. */
const REFUSING: Millis = 60

/** Asking a registry for what is here already. */
const CHECKING: Millis = 20

/** Begins with the first in line, unless it has been begun. `record`: the pod that just asked, if any. */
function fetchNext(turn: Turn, record?: PodRecord): void {
  const [first, ...others] = turn.machine.pulls
  if (!first || first.startedAt !== null) return
  turn.machine = { ...turn.machine, pulls: [{ ...first, startedAt: turn.at.now }, ...others] }
  const asker = record?.pod.metadata.uid === first.pod ? record : recordOf(turn, first.pod)
  const reference = parseImage(first.image) as ImageReference
  const credentials = asker && pullCredentials(turn, asker.pod, reference)
  const { mirror, identity, images } = turn.machine
  const fetched = fetchImage(reference, mirror, credentials, identity.nameserver)
  const purpose = ['pull', first.image, first.pod, turn.at.now] as const
  if ('problem' in fetched) {
    const delay = around(turn, REFUSING, ...purpose)
    after(turn, delay, { type: 'image/pullFailed', image: first.image, message: fetched.problem })
  } else {
    const here = imageOnDisk(images, { ...reference, digest: fetched.image.digest }) !== undefined
    const time = here ? CHECKING : pullTime(fetched.image)
    after(turn, around(turn, time, ...purpose), { type: 'image/pulled', image: first.image })
  }
}

function takeFirst(turn: Turn, image: string): Pull | undefined {
  const [first, ...others] = turn.machine.pulls
  if (!first || first.image !== image) return undefined
  turn.machine = { ...turn.machine, pulls: others }
  return first
}

export function onImagePulled(turn: Turn, image: string): void {
  const first = takeFirst(turn, image)
  if (!first) return
  const reference = parseImage(image) as ImageReference
  const record = recordOf(turn, first.pod)
  const credentials = record && pullCredentials(turn, record.pod, reference)
  const fetched = fetchImage(reference, turn.machine.mirror, credentials, turn.machine.identity.nameserver)
  if ('image' in fetched) {
    turn.machine = { ...turn.machine, images: withImage(turn.machine.images, fetched.image, reference.name) }
    nodeChanged(turn)
    if (record) keepRecord(turn, arrived(turn, record, first, imageOnDisk(turn.machine.images, reference)!))
  }
  fetchNext(turn)
}

function arrived(turn: Turn, record: PodRecord, first: Pull, image: ImageOnDisk): PodRecord {
  const took = formatDuration(turn.at.now - first.startedAt!)
  const waited = formatDuration(turn.at.now - first.askedAt)
  const message = `Successfully pulled image "${first.image}" in ${took} (${waited} including waiting). Image size: ${image.sizeBytes} bytes.`
  sayAbout(turn, record, first.container)('Normal', 'Pulled', message)
  const cleared = { ...record, pullBackOff: withEntry(record.pullBackOff, first.image, undefined) }
  return imageArrived(turn, cleared, image)
}

export function onPullFailed(turn: Turn, image: string, message: string): void {
  const first = takeFirst(turn, image)
  const record = first && recordOf(turn, first.pod)
  if (first && record) {
    sayAbout(turn, record, first.container)('Warning', 'Failed', `Failed to pull image "${image}": ${message}`)
    const before = record.pullBackOff[image]
    const entry = { ...nextBackOff(before, before?.updatedAt ?? turn.at.now, turn.at.now), cause: message }
    const held = { ...record, pullBackOff: withEntry(record.pullBackOff, image, entry) }
    keepRecord(turn, imageFailed(turn, held, { reason: 'ErrImagePull', message }))
  }
  fetchNext(turn)
}
