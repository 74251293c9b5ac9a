/** One object, looked at closely: in a few words, as YAML, as kubectl describes it; and what one could do with it. */
import { useEffect, useState } from 'preact/hooks'
import { ask, order, propose, type Selection, select } from '../page/connection.ts'
import type { Strings } from '../page/strings.ts'
import { useShown } from '../page/use-shown.ts'
import type { Inspected } from '../worker/messages.ts'
import type { NodeView, PodView, Scene } from '../worker/scene.ts'
import { LOOK_SENTENCES } from './ClusterMap.tsx'
import { ICONS } from './icons.tsx'
import { Sign } from './Sign.tsx'

const KINDS: Readonly<Record<string, string>> = {
  pods: 'Pod',
  nodes: 'Node',
  services: 'Service',
  'deployments.apps': 'Deployment',
  'replicasets.apps': 'ReplicaSet',
}

const nameIn = (key: string): string => key.slice(key.indexOf('/') + 1)

const flagsFor = (key: string): string => {
  const namespace = key.includes('/') ? key.slice(0, key.indexOf('/')) : 'default'
  return namespace === 'default' ? '' : ` -n ${namespace}`
}

/** Commands worth a try, by resource; `$` stands for the name. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  pods: ['kubectl get pod $ -o wide', 'kubectl logs $', 'kubectl delete pod $'],
  nodes: ['kubectl describe node $', 'kubectl cordon $', 'kubectl uncordon $'],
  services: ['kubectl get endpointslices -l kubernetes.io/service-name=$'],
  'deployments.apps': ['kubectl rollout status deployment/$', 'kubectl scale deployment/$ --replicas=4'],
  'replicasets.apps': ['kubectl get rs $ -o wide'],
}

function Proposals({
  resource,
  key_,
  words,
}: {
  readonly resource: string
  readonly key_: string
  readonly words: Strings
}) {
  return (
    <ul class="proposals" aria-label={words.typeIt}>
      {(COMMANDS[resource] ?? []).map((pattern) => {
        const command = pattern.replace('$', nameIn(key_)) + flagsFor(key_)
        return (
          <li key={pattern}>
            <button type="button" onClick={() => propose(command)}>
              <code>{command}</code>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function PodSummary({ pod, words }: { readonly pod: PodView; readonly words: Strings }) {
  return (
    <dl>
      <dt>{words.status}</dt>
      <dd>
        <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
          <Sign look={pod.look} x={0} y={0} size={6} />
        </svg>{' '}
        {pod.says} · {words[LOOK_SENTENCES[pod.look]]}
      </dd>
      <dt>{words.node}</dt>
      <dd>{pod.node || words.none}</dd>
      <dt>{words.address}</dt>
      <dd>{pod.ip || words.none}</dd>
      <dt>{words.owner}</dt>
      <dd>{pod.owner || words.none}</dd>
      <dt>{words.containers}</dt>
      <dd>
        {pod.containers.map(({ name, image, says, restarts }) => (
          <div key={name}>
            <code>{name}</code> {image} · {says}
            {restarts > 0 && ` · ↻${restarts}`}
          </div>
        ))}
        {pod.containers.length === 0 && words.none}
      </dd>
    </dl>
  )
}

function NodeSummary({ node, words }: { readonly node: NodeView; readonly words: Strings }) {
  const command = `${node.powered ? 'poweroff' : 'poweron'} ${node.name}`
  return (
    <dl>
      <dt>{words.status}</dt>
      <dd>{node.ready ? words.lookReady : words.notReady}</dd>
      <dt>{words.address}</dt>
      <dd>{node.address}</dd>
      {node.taints.length > 0 && <dt>Taints</dt>}
      {node.taints.length > 0 && <dd>{node.taints.join(', ')}</dd>}
      <dd class="wide">
        <button
          type="button"
          class={node.powered ? 'danger' : ''}
          title={command}
          onClick={() => order({ order: 'enter', lines: [command] })}
        >
          {node.powered ? words.killNode : words.bootNode}
        </button>
      </dd>
    </dl>
  )
}

const factsOf = (scene: Scene, { resource, key }: Selection): readonly (readonly [string, string | number])[] => {
  const find = <T extends { readonly key: string }>(list: readonly T[]) => list.find((one) => one.key === key)
  const one = {
    'deployments.apps': find(scene.deployments),
    'replicasets.apps': find(scene.replicaSets),
    services: find(scene.services),
  }[resource as 'services']
  return one
    ? Object.entries(one).filter(
        (entry): entry is [string, string | number] => typeof entry[1] !== 'object' && entry[0] !== 'key',
      )
    : []
}

function Summary({ chosen, words }: { readonly chosen: Selection; readonly words: Strings }) {
  const scene = useShown((shown) => shown.scene)
  if (!scene) return null
  const pod = chosen.resource === 'pods' && scene.pods.find(({ key }) => key === chosen.key)
  if (pod) return <PodSummary pod={pod} words={words} />
  const node = chosen.resource === 'nodes' && scene.nodes.find(({ name }) => name === chosen.key)
  if (node) return <NodeSummary node={node} words={words} />
  const facts = factsOf(scene, chosen)
  if (facts.length === 0) return <p class="quiet">{words.gone}</p>
  return (
    <dl>{facts.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{String(value)}</dd>])}</dl>
  )
}

function Text({ chosen, as, words }: { readonly chosen: Selection; readonly as: Inspected; readonly words: Strings }) {
  const revision = useShown((shown) => shown.scene?.revision)
  const [text, setText] = useState<string | undefined>(undefined)
  useEffect(() => {
    let current = true
    void ask({ asks: 'inspection', ...chosen, as }).then((answer) => current && setText(answer))
    return () => {
      current = false
    }
  }, [chosen.resource, chosen.key, as, revision])
  if (text === '') return <p class="quiet">{words.gone}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls must be reachable by keyboard
    <pre tabIndex={0}>{text ?? ''}</pre>
  )
}

type Side = 'summary' | Inspected
const SIDES: readonly Side[] = ['summary', 'describe', 'yaml']

export function Inspector({ words }: { readonly words: Strings }) {
  const chosen = useShown((shown) => shown.selected)
  const [side, setSide] = useState<Side>('summary')
  if (!chosen) return null
  return (
    <aside class="inspector" aria-label={`${KINDS[chosen.resource]} ${nameIn(chosen.key)}`}>
      <header>
        <div class="inspector-name">
          <span class="kind">{KINDS[chosen.resource]}</span> <strong>{nameIn(chosen.key)}</strong>
        </div>
        <button type="button" class="bar-button" aria-label={words.close} onClick={() => select(undefined)}>
          {ICONS.close}
        </button>
      </header>
      <div class="sides">
        {SIDES.map((one) => (
          <button key={one} type="button" aria-pressed={side === one} onClick={() => setSide(one)}>
            {words[one]}
          </button>
        ))}
      </div>
      <div class="inspector-body">
        {side === 'summary' ? (
          <Summary chosen={chosen} words={words} />
        ) : (
          <Text chosen={chosen} as={side} words={words} />
        )}
        {side === 'summary' && <Proposals resource={chosen.resource} key_={chosen.key} words={words} />}
      </div>
    </aside>
  )
}
