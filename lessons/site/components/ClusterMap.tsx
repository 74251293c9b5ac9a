/** The cluster as a picture that follows the world: control plane, workloads, Services, nodes and the Pods on them. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Selection, select } from '../page/connection.ts'
import {
  type Box,
  chipsOf,
  cutOff,
  type Layout,
  layoutOf,
  type NodeBox,
  type PodChip,
  type ServiceCard,
  shortened,
  type WorkloadCard,
} from '../page/map-layout.ts'
import type { Sentence, Strings } from '../page/strings.ts'
import { useScene, useShown } from '../page/use-shown.ts'
import type { Look, PartView, Scene } from '../worker/scene.ts'
import { Sign } from './Sign.tsx'

export const LOOK_SENTENCES: Readonly<Record<Look, Sentence>> = {
  ready: 'lookReady',
  unready: 'lookUnready',
  starting: 'lookStarting',
  waiting: 'lookWaiting',
  failing: 'lookFailing',
  done: 'lookDone',
  leaving: 'lookLeaving',
}

/** Width of a letter of the small monospaced type. */
const LETTER = 6.65

interface ClickableProps {
  readonly resource: string
  readonly key_: string
  readonly label: string
  readonly selected: Selection | undefined
  readonly className: string
  readonly children: ComponentChildren
}

function Clickable({ resource, key_, label, selected, className, children }: ClickableProps) {
  const choose = () => select({ resource, key: key_ })
  const isSelected = selected?.resource === resource && selected.key === key_
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      role="button"
      tabIndex={0}
      aria-pressed={isSelected}
      class={`clickable ${className}${isSelected ? ' selected' : ''}`}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        choose()
      }}
    >
      <title>{label}</title>
      <g>{children}</g>
    </g>
  )
}

const Frame = ({ box, radius = 7, className }: { box: Box; radius?: number; className: string }) => (
  <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={radius} class={className} />
)

interface PartProps {
  readonly words: Strings
  readonly parts: readonly PartView[]
  readonly box: Box
  readonly awake: ReadonlySet<string>
}

/** The four parts that everything goes through. A dot lights up when one of them has just written something. */
function ControlPlane({ words, parts, box, awake }: PartProps) {
  const state = (name: string) => parts.find((part) => part.name === name)?.state ?? 'up'
  const broken = parts.filter((part) => part.name !== 'kube-scheduler' && part.state !== 'up')
  const pills = [
    { name: words.apiserver, state: 'up', lit: awake.size > 0 },
    { name: words.etcd, state: 'up', lit: awake.size > 0 },
    { name: words.scheduler, state: state('kube-scheduler'), lit: awake.has('kube-scheduler') },
    { name: words.controllers, state: broken.length > 0 ? 'down' : 'up', lit: awake.has('kube-controller-manager') },
  ]
  const label = box.width > 620 ? 116 : 0
  const width = (box.width - label - 8 * 5) / 4
  return (
    <g>
      <Frame box={box} className="control" />
      {label > 0 && (
        <text x={box.x + 12} y={box.y + 26} class="caption">
          {words.controlPlane}
        </text>
      )}
      {pills.map((pill, at) => {
        const x = box.x + label + 8 + at * (width + 8)
        return (
          <g key={pill.name} class={`part ${pill.state}${pill.lit ? ' lit' : ''}`}>
            <rect x={x} y={box.y + 8} width={width} height={box.height - 16} rx={5} />
            <circle cx={x + 13} cy={box.y + box.height / 2} r={3.5} />
            <text x={x + 23} y={box.y + 25.5}>
              {cutOff(pill.name, Math.floor((width - 24) / 5.8))}
            </text>
          </g>
        )
      })}
    </g>
  )
}

interface CardProps {
  readonly words: Strings
  readonly selected: Selection | undefined
}

function Workload({ card, words, selected }: CardProps & { card: WorkloadCard }) {
  const { deployment, rows } = card
  const right = card.x + card.width - 12
  return (
    <g>
      <Frame box={card} className="card" />
      {deployment && (
        <Clickable
          resource="deployments.apps"
          key_={deployment.key}
          selected={selected}
          className="title"
          label={`Deployment ${deployment.name}, ${deployment.ready}/${deployment.wanted} ${words.ready}`}
        >
          <rect x={card.x + 4} y={card.y + 4} width={card.width - 8} height={24} rx={5} class="hit" />
          <text x={card.x + 12} y={card.y + 20} class="name strong">
            {shortened(deployment.name, 17)}
          </text>
          <text x={right} y={card.y + 20} class="count" text-anchor="end">
            {`${deployment.ready}/${deployment.wanted}`}
          </text>
        </Clickable>
      )}
      {rows.map(({ set, y, beads, more }) => (
        <Clickable
          key={set.key}
          resource="replicasets.apps"
          key_={set.key}
          selected={selected}
          className="set"
          label={`ReplicaSet ${set.name}, ${set.ready}/${set.wanted} ${words.ready}, ${set.image}`}
        >
          <rect x={card.x + 4} y={y} width={card.width - 8} height={36} rx={5} class="hit" />
          <path d={`M${card.x + 8} ${y - 2}v12h5`} class="branch" />
          <text x={card.x + 16} y={y + 13} class={`name small${set.wanted === 0 ? ' faint' : ''}`}>
            {shortened(set.name, 19)}
          </text>
          <text x={right} y={y + 13} class="count small" text-anchor="end">
            {`${set.ready}/${set.wanted}`}
          </text>
          {beads.map((bead, at) => (
            <Sign key={bead.pod?.key ?? `missing-${at}`} look={bead.pod?.look} x={bead.x} y={bead.y} size={5} />
          ))}
          {more > 0 && <text x={right} y={y + 30} class="count small" text-anchor="end">{`+${more}`}</text>}
        </Clickable>
      ))}
    </g>
  )
}

function ServiceBox({ card, words, selected }: CardProps & { card: ServiceCard }) {
  const { service } = card
  const ready = service.endpoints.filter((endpoint) => endpoint.ready).length
  return (
    <Clickable
      resource="services"
      key_={service.key}
      selected={selected}
      className="service"
      label={`Service ${service.name}, ${service.address}:${service.ports}, ${ready} ${words.endpoints}`}
    >
      <Frame box={card} radius={card.height / 2} className="card" />
      <text x={card.x + card.width / 2} y={card.y + 20} class="name strong" text-anchor="middle">
        {shortened(service.name, 15)}
      </text>
      <text x={card.x + card.width / 2} y={card.y + 36} class="count small" text-anchor="middle">
        {`:${shortened(service.ports, 10)} → ${ready}`}
      </text>
    </Clickable>
  )
}

/** From a Service to each Pod behind it; broken lines lead to Pods that are not ready. */
function Arrows({ layout, selected }: { layout: Layout; selected: Selection | undefined }) {
  const chips = new Map(chipsOf(layout).map((chip) => [chip.pod.key, chip]))
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: arrows are not focusable
    <g aria-hidden="true">
      {layout.services.flatMap((card) =>
        card.service.endpoints.map((endpoint) => {
          const chip = chips.get(endpoint.pod)
          if (!chip) return null
          const isChosen = selected?.resource === 'services' && selected.key === card.service.key
          return (
            <path
              key={`${card.service.key} ${endpoint.pod}`}
              d={curve(card, chip)}
              class={`arrow${endpoint.ready ? '' : ' broken'}${isChosen ? ' chosen' : ''}`}
              marker-end="url(#arrowhead)"
            />
          )
        }),
      )}
    </g>
  )
}

function curve(from: Box, to: Box): string {
  const [x, y] = [from.x + from.width / 2, from.y + from.height]
  const [endX, endY] = [to.x + to.width - 14, to.y - 1]
  const bend = Math.max(24, (endY - y) * 0.55)
  return `M${x} ${y}C${x} ${y + bend} ${endX} ${endY - bend} ${endX} ${endY}`
}

function Chip({ chip, words, selected }: CardProps & { chip: PodChip }) {
  const { pod, small } = chip
  const restarted = pod.restarts > 0 ? `↻${pod.restarts}` : ''
  const room = Math.floor((chip.width - 30 - (restarted ? 24 : 0)) / LETTER)
  return (
    <Clickable
      resource="pods"
      key_={pod.key}
      selected={selected}
      className={`pod ${pod.look}`}
      label={`Pod ${pod.key}: ${pod.says}, ${pod.ready} ${words.ready}${pod.restarts > 0 ? `, ${words.restarts} ${pod.restarts}` : ''}`}
    >
      <Frame box={chip} radius={5} className="chip" />
      {small ? (
        <Sign look={pod.look} x={chip.x + chip.width / 2} y={chip.y + chip.height / 2} size={6} />
      ) : (
        <g>
          <Sign look={pod.look} x={chip.x + 14} y={chip.y + chip.height / 2} size={6} />
          <text x={chip.x + 26} y={chip.y + 13} class="name small">
            {shortened(pod.name, room)}
          </text>
          <text x={chip.x + 26} y={chip.y + 24.5} class="says">
            {shortened(pod.says, Math.floor(room * 1.1))}
          </text>
          {restarted && (
            <text x={chip.x + chip.width - 7} y={chip.y + 13} class="count small" text-anchor="end">
              {restarted}
            </text>
          )}
        </g>
      )}
    </Clickable>
  )
}

function nodeState({ node }: NodeBox, words: Strings): string {
  if (!node.powered) return words.powerOff
  if (!node.ready) return words.notReady
  return node.cordoned ? words.cordoned : ''
}

function NodeFrame({ box, words, selected }: CardProps & { box: NodeBox }) {
  const { node } = box
  const state = nodeState(box, words)
  const kind = node.powered && node.ready ? (node.cordoned ? 'cordoned' : 'up') : 'down'
  return (
    <Clickable
      resource="nodes"
      key_={node.name}
      selected={selected}
      className={`node ${kind}`}
      label={`${words.node} ${node.name}${state ? `, ${state}` : ''}, ${box.pods.length} ${words.pods}`}
    >
      <Frame box={box} radius={9} className="frame" />
      <text x={box.x + 12} y={box.y + 20} class="name strong">
        {node.name}
      </text>
      <text x={box.x + box.width - 12} y={box.y + 20} class={state ? 'state' : 'count small'} text-anchor="end">
        {state || node.address}
      </text>
      {box.pods.length === 0 && (
        <text x={box.x + box.width / 2} y={box.y + 56} class="empty" text-anchor="middle">
          {words.emptyNode}
        </text>
      )}
    </Clickable>
  )
}

function useSize() {
  const element = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 640, height: 320 })
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      if (width > 0) setSize({ width: Math.floor(width), height: Math.floor(height) })
    })
    watcher.observe(element.current!)
    return () => watcher.disconnect()
  }, [])
  return [element, size] as const
}

/** Who wrote within the last second of the cluster's time. */
function awakeAt(scene: Scene, now: number): ReadonlySet<string> {
  return new Set(scene.happenings.filter(({ at }) => at > now - 1500).map(({ who }) => who))
}

export function ClusterMap({ words }: { readonly words: Strings }) {
  const [element, { width, height }] = useSize()
  const scene = useScene()
  const selected = useShown((shown) => shown.selected)
  const second = useShown((shown) => Math.floor((shown.frame?.now ?? 0) / 500) * 500)
  const layout = useMemo(() => scene && layoutOf(scene, width, height), [scene, width, height])
  return (
    <div class="map" ref={element}>
      {layout && scene ? (
        <Picture layout={layout} scene={scene} now={second} words={words} selected={selected} />
      ) : (
        <p class="opening">{words.opening}</p>
      )}
    </div>
  )
}

export function Picture({
  layout,
  scene,
  now,
  words,
  selected,
}: CardProps & { layout: Layout; scene: Scene; now: number }) {
  const nothing = layout.workloads.length + layout.services.length === 0 && scene.pods.length === 0
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture of parts that can be chosen
    <svg viewBox={`0 0 ${layout.width} ${layout.height}`} role="group" aria-label={words.map}>
      <defs>
        <marker id="arrowhead" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 .8 7 4 0 7.2z" class="arrowhead" />
        </marker>
      </defs>
      <ControlPlane words={words} parts={scene.parts} box={layout.control} awake={awakeAt(scene, now)} />
      {layout.nodes.map((box) => (
        <NodeFrame key={box.node.name} box={box} words={words} selected={selected} />
      ))}
      {layout.nodes.length === 0 && (
        <text x={layout.width / 2} y={layout.height / 2} class="empty" text-anchor="middle">
          {words.noNodes}
        </text>
      )}
      {nothing && (
        <text x={layout.width / 2} y={layout.control.y + layout.control.height + 27} class="empty" text-anchor="middle">
          {words.noWorkloads}
        </text>
      )}
      {layout.tray && (
        <g>
          <Frame box={layout.tray} radius={9} className="tray" />
          <text x={layout.tray.x + 12} y={layout.tray.y + 17} class="caption">
            {words.unscheduled}
          </text>
        </g>
      )}
      <Arrows layout={layout} selected={selected} />
      {layout.workloads.map((card) => (
        <Workload key={card.deployment?.key ?? card.rows[0]!.set.key} card={card} words={words} selected={selected} />
      ))}
      {layout.services.map((card) => (
        <ServiceBox key={card.service.key} card={card} words={words} selected={selected} />
      ))}
      {chipsOf(layout).map((chip) => (
        <Chip key={chip.pod.key} chip={chip} words={words} selected={selected} />
      ))}
    </svg>
  )
}
