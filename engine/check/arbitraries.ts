/**
 * What may happen in a search: parts of the cluster that break and heal, and a person who changes their mind. Each kind of deed has a
 * weight, so that faults and wishes meet often enough to get in each other's way.
 */
import fc from 'fast-check'
import { COHORTS } from '../cluster/announce.ts'
import type { Fact } from '../cluster/fact.ts'
import type { World } from '../cluster/world.ts'
import { sortedKeys } from '../std/sorted.ts'

/** Whom and what deeds may be about. */
export interface Scene {
  readonly controllers: readonly string[]
  readonly cohorts: readonly string[]
  readonly machines: readonly string[]
  /** Names of Deployments in the namespace `default`. */
  readonly deployments: readonly string[]
  readonly terminal: string
}

export const sceneOf = (world: World, deployments: readonly string[]): Scene => ({
  controllers: sortedKeys(world.controllers),
  cohorts: COHORTS,
  machines: sortedKeys(world.machines),
  deployments,
  terminal: 'main',
})

type Deeds = fc.Arbitrary<Fact>

const LONGEST_RESTART = 20_000
const MOST_REQUESTS = 3

const crashes = ({ controllers }: Scene): Deeds =>
  fc.record({
    type: fc.constant('component/crashed' as const),
    client: fc.constantFrom(...controllers, 'kube-scheduler'),
    restartAfter: fc.nat(LONGEST_RESTART),
  })

const stalls = ({ controllers, cohorts }: Scene): Deeds =>
  fc.record({
    type: fc.constantFrom('watch/stalled' as const, 'watch/resumed' as const),
    client: fc.constantFrom(...controllers, ...cohorts),
  })

const losses = ({ controllers, machines }: Scene): Deeds =>
  fc
    .record({
      client: fc.constantFrom(...controllers, 'kube-scheduler', ...machines),
      count: fc.integer({ min: 1, max: MOST_REQUESTS }),
      answer: fc.boolean(),
    })
    .map(({ client, count, answer }) => ({ type: 'requests/lost', client, count, ...(answer && { answer: true }) }))

const power = ({ machines }: Scene): Deeds =>
  fc.record({
    type: fc.constantFrom('machine/crashed' as const, 'machine/booted' as const),
    machine: fc.constantFrom(...machines),
  })

const links = ({ machines }: Scene): Deeds =>
  fc
    .tuple(
      fc.constantFrom('link/cut' as const, 'link/healed' as const),
      fc.subarray([...machines], { minLength: 2, maxLength: 2 }),
    )
    .map(([type, [one, other]]) => ({ type, between: [one!, other!] }))

// ---- a person ----

const IMAGES = ['nginx:1.25', 'nginx:1.26', 'nginx:1.27']
const MOST_REPLICAS = 5

/** Lines as a person types them. What may take long goes on beside the prompt. */
function lines({ deployments, machines }: Scene): fc.Arbitrary<string> {
  const deployment = fc.constantFrom(...deployments)
  const machine = fc.constantFrom(...machines)
  const onDeployment = (line: (name: string) => string) => deployment.map(line)
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(deployment, fc.nat(MOST_REPLICAS))
        .map(([name, count]) => `kubectl scale deployment ${name} --replicas=${count}`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(deployment, fc.constantFrom(...IMAGES))
        .map(([name, image]) => `kubectl set image deployment ${name} *=${image}`),
    },
    {
      weight: 2,
      arbitrary: onDeployment(
        (name) =>
          `kubectl delete pod $(kubectl get pods -l app=${name} -o name | head -n 1 | cut -d / -f 2) --wait=false`,
      ),
    },
    { weight: 1, arbitrary: onDeployment((name) => `kubectl delete rs -l app=${name} --wait=false`) },
    { weight: 1, arbitrary: onDeployment((name) => `kubectl rollout restart deployment ${name}`) },
    { weight: 1, arbitrary: onDeployment((name) => `kubectl rollout undo deployment ${name}`) },
    { weight: 1, arbitrary: machine.map((name) => `kubectl cordon ${name}`) },
    { weight: 2, arbitrary: machine.map((name) => `kubectl uncordon ${name}`) },
    { weight: 1, arbitrary: machine.map((name) => `kubectl drain ${name} --ignore-daemonsets --force &`) },
  )
}

const typed = (scene: Scene): Deeds =>
  lines(scene).map((line) => ({ type: 'line/entered', terminal: scene.terminal, line }))

/** Everything that may happen, by weight. */
export const deedsIn = (scene: Scene): Deeds =>
  fc.oneof(
    { weight: 6, arbitrary: typed(scene) },
    { weight: 3, arbitrary: crashes(scene) },
    { weight: 3, arbitrary: losses(scene) },
    { weight: 3, arbitrary: stalls(scene) },
    { weight: 2, arbitrary: power(scene) },
    ...(scene.machines.length > 1 ? [{ weight: 1, arbitrary: links(scene) }] : []),
  )

/** How the second phase begins: what broke is mended, and a person takes back what would stand in the way. */
export const calmIn = ({ machines, terminal }: Scene): readonly Fact[] => [
  { type: 'calm/restored' },
  { type: 'key/pressed', terminal, press: 'interrupt' },
  { type: 'line/entered', terminal, line: `kubectl uncordon ${machines.join(' ')}` },
]
