/**
 * Where things stand on the map: workloads and Services above, nodes with their Pods below. A pure function of the scene and the width, so
 * that nothing moves unless the cluster has changed.
 */
import type { DeploymentView, NodeView, PodView, ReplicaSetView, Scene, ServiceView } from '../worker/scene.ts'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Bead {
  readonly x: number
  readonly y: number
  /** Undefined: wanted and not there. */
  readonly pod: PodView | undefined
}

export interface SetRow {
  readonly set: ReplicaSetView
  readonly y: number
  readonly beads: readonly Bead[]
  readonly more: number
}

export interface WorkloadCard extends Box {
  /** Absent for a ReplicaSet without a Deployment. */
  readonly deployment: DeploymentView | undefined
  readonly rows: readonly SetRow[]
}

export interface ServiceCard extends Box {
  readonly service: ServiceView
}

export interface PodChip extends Box {
  readonly pod: PodView
  /** Only the sign of its state fits. */
  readonly small: boolean
}

export interface NodeBox extends Box {
  readonly node: NodeView
  readonly pods: readonly PodChip[]
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly control: Box
  readonly workloads: readonly WorkloadCard[]
  readonly services: readonly ServiceCard[]
  readonly tray: (Box & { readonly pods: readonly PodChip[] }) | undefined
  readonly nodes: readonly NodeBox[]
}

const GAP = 12
const CONTROL_HEIGHT = 42
const TITLE_HEIGHT = 30
const ROW_HEIGHT = 38
const BEAD = 15
const CARD_WIDTH = 196
const SERVICE_WIDTH = 132
const SERVICE_HEIGHT = 48
const NODE_MIN_WIDTH = 142
const NODE_HEADER = 30
/** A node with few Pods does not fill a tall screen. */
const MOST_NODE_HEIGHT = 260
const CHIP_HEIGHT = 30
const CHIP_GAP = 6
const SMALL = 20
/** More Pods than this on one node, and only their signs fit. */
const MOST_CHIPS = 8

/** Sets that have or want Pods, and the last one that had; older ones only crowd the card. */
function shownSets(sets: readonly ReplicaSetView[]): readonly ReplicaSetView[] {
  const newestFirst = sets.toSorted((one, other) => Number(other.revision) - Number(one.revision))
  return newestFirst.filter((set, index) => set.wanted > 0 || set.present > 0 || index < 2).slice(0, 3)
}

function beadsOf(
  set: ReplicaSetView,
  pods: readonly PodView[],
  x: number,
  y: number,
  width: number,
): Omit<SetRow, 'set' | 'y'> {
  const fit = Math.floor(width / BEAD)
  const count = Math.max(set.wanted, pods.length)
  const shown = Math.min(count, count > fit ? fit - 2 : fit)
  const beads = Array.from({ length: shown }, (_none, at) => ({ x: x + at * BEAD + BEAD / 2, y, pod: pods[at] }))
  return { beads, more: count - shown }
}

interface Cursor {
  x: number
  y: number
  rowHeight: number
}

/** The next place in a row that wraps. */
function place(cursor: Cursor, width: number, height: number, total: number): Box {
  if (cursor.x > GAP && cursor.x + width > total - GAP) {
    cursor.x = GAP
    cursor.y += cursor.rowHeight + GAP
    cursor.rowHeight = 0
  }
  const box = { x: cursor.x, y: cursor.y, width, height }
  cursor.x += width + GAP
  cursor.rowHeight = Math.max(cursor.rowHeight, height)
  return box
}

const namespaceOf = (key: string): string => key.slice(0, key.indexOf('/') + 1)

function workloadCard(
  deployment: DeploymentView | undefined,
  sets: readonly ReplicaSetView[],
  podsBySet: ReadonlyMap<string, readonly PodView[]>,
  cursor: Cursor,
  total: number,
): WorkloadCard {
  const shown = deployment ? shownSets(sets) : sets
  const box = place(cursor, CARD_WIDTH, TITLE_HEIGHT + Math.max(1, shown.length) * ROW_HEIGHT + 4, total)
  const rows = shown.map((set, at): SetRow => {
    const y = box.y + TITLE_HEIGHT + at * ROW_HEIGHT
    return { set, y, ...beadsOf(set, podsBySet.get(set.key) ?? [], box.x + 14, y + 26, box.width - 28) }
  })
  return { ...box, deployment, rows }
}

function groupPods(pods: readonly PodView[]): ReadonlyMap<string, readonly PodView[]> {
  const bySet = new Map<string, PodView[]>()
  for (const pod of pods) {
    if (pod.owner === '') continue
    const key = `${pod.namespace}/${pod.owner}`
    const known = bySet.get(key)
    if (known) known.push(pod)
    else bySet.set(key, [pod])
  }
  return bySet
}

function workloadCards(scene: Scene, cursor: Cursor, total: number): readonly WorkloadCard[] {
  const podsBySet = groupPods(scene.pods)
  const owned = (deployment: DeploymentView) => (set: ReplicaSetView) =>
    set.owner === deployment.name && namespaceOf(set.key) === namespaceOf(deployment.key)
  const cards = scene.deployments.map((deployment) =>
    workloadCard(deployment, scene.replicaSets.filter(owned(deployment)), podsBySet, cursor, total),
  )
  const orphans = scene.replicaSets.filter(({ owner }) => owner === '')
  return [...cards, ...orphans.map((set) => workloadCard(undefined, [set], podsBySet, cursor, total))]
}

/** Pods side by side in a box, as chips or, when they are many, as signs. */
function chipsIn(pods: readonly PodView[], box: Box): { readonly chips: readonly PodChip[]; readonly bottom: number } {
  const small = pods.length > MOST_CHIPS
  const inner = box.width - 2 * CHIP_GAP
  const perRow = small ? Math.max(1, Math.floor(inner / (SMALL + 4))) : Math.max(1, Math.floor(inner / 170))
  const width = small ? SMALL : (inner - (perRow - 1) * CHIP_GAP) / perRow
  const height = small ? SMALL : CHIP_HEIGHT
  const gap = small ? 4 : CHIP_GAP
  const chips = pods.map((pod, at) => ({
    pod,
    small,
    x: box.x + CHIP_GAP + (at % perRow) * (width + gap),
    y: box.y + Math.floor(at / perRow) * (height + gap),
    width,
    height,
  }))
  return { chips, bottom: box.y + Math.ceil(pods.length / perRow) * (height + gap) }
}

function nodeBoxes(scene: Scene, top: number, total: number, minHeight: number): readonly NodeBox[] {
  const count = scene.nodes.length
  if (count === 0) return []
  const perRow = Math.max(1, Math.min(count, Math.floor((total - GAP) / (NODE_MIN_WIDTH + GAP))))
  const width = (total - GAP * (perRow + 1)) / perRow
  const boxes: NodeBox[] = []
  let y = top
  for (let first = 0; first < count; first += perRow) {
    const row = scene.nodes.slice(first, first + perRow).map((node, at) => {
      const x = GAP + at * (width + GAP)
      const pods = scene.pods.filter((pod) => pod.node === node.name)
      return { node, x, ...chipsIn(pods, { x, y: y + NODE_HEADER, width, height: 0 }) }
    })
    const rows = Math.ceil(count / perRow)
    const height = Math.max(
      rows === 1 ? Math.min(minHeight, MOST_NODE_HEIGHT) : 0,
      104,
      ...row.map(({ bottom }) => bottom - y + 2),
    )
    boxes.push(...row.map(({ node, x, chips }) => ({ node, x, y, width, height, pods: chips })))
    y += height + GAP
  }
  return boxes
}

function trayFor(scene: Scene, y: number, total: number): Layout['tray'] {
  const pods = scene.pods.filter(({ node, look }) => node === '' && look !== 'done')
  if (pods.length === 0) return undefined
  const { chips, bottom } = chipsIn(pods, { x: GAP, y: y + 24, width: total - 2 * GAP, height: 0 })
  return { x: GAP, y, width: total - 2 * GAP, height: bottom - y + 2, pods: chips }
}

/** `height` is what there is; the map grows beyond it when it must. */
export function layoutOf(scene: Scene, width: number, height: number): Layout {
  const control = { x: GAP, y: GAP, width: width - 2 * GAP, height: CONTROL_HEIGHT }
  const cursor: Cursor = { x: GAP, y: control.y + control.height + GAP, rowHeight: 0 }
  const workloads = workloadCards(scene, cursor, width)
  const services = scene.services.map((service) => ({
    service,
    ...place(cursor, SERVICE_WIDTH, SERVICE_HEIGHT, width),
  }))
  const belowCards = cursor.rowHeight > 0 ? cursor.y + cursor.rowHeight + 20 : cursor.y + 26
  const tray = trayFor(scene, belowCards, width)
  const top = tray ? tray.y + tray.height + GAP : belowCards
  const nodes = nodeBoxes(scene, top, width, Math.max(0, height - top - GAP))
  const bottom = Math.max(...nodes.map((box) => box.y + box.height), top) + GAP
  return { width, height: Math.max(bottom, height), control, workloads, services, tray, nodes }
}

/** All chips of Pods, wherever they stand. */
export const chipsOf = ({ nodes, tray }: Layout): readonly PodChip[] => [
  ...(tray?.pods ?? []),
  ...nodes.flatMap(({ pods }) => pods),
]

/** `web-7887448d46-26gbk` in so many letters: the ends tell more than the middle. */
export function shortened(name: string, letters: number): string {
  if (name.length <= letters) return name
  const tail = Math.min(6, Math.floor(letters / 2))
  return `${name.slice(0, Math.max(1, letters - tail - 1))}…${name.slice(-tail)}`
}

/** The beginning of a text, where there is no room for all of it. */
export const cutOff = (text: string, letters: number): string =>
  text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`
