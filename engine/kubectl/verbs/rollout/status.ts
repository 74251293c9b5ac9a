/**
 * `kubectl rollout status`: how far a new version has come, line by line until it is there.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_status.go, pkg/polymorphichelpers/rollout_status.go
 */
import { goQuote } from '../../../std/go-text.ts'
import type { Millis } from '../../../std/time.ts'
import { isMap, type TreeMap, treeAt } from '../../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../../command.ts'
import { listAt } from '../../describe/text.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { say } from '../../session.ts'
import { newsOf, type ObjectPlace, placeOf } from '../../watch-object.ts'
import {
  completeRollout,
  findRollouts,
  groupKind,
  missingResource,
  ROLLOUT_FLAGS,
  sayNothingFound,
} from './subjects.ts'

interface Stage {
  readonly text: string
  readonly done: boolean
}

const count = (object: TreeMap, ...path: string[]): number => Number(treeAt(object, ...path) ?? 0)

const isObserved = (object: TreeMap): boolean =>
  count(object, 'metadata', 'generation') <= count(object, 'status', 'observedGeneration')

const nameOf = (object: TreeMap): string => goQuote(String(treeAt(object, 'metadata', 'name')))

const waiting = (text: string): Stage => ({ text: `${text}\n`, done: false })
const finished = (text: string): Stage => ({ text: `${text}\n`, done: true })

const REVISION = ['metadata', 'annotations', 'deployment.kubernetes.io/revision']

function deploymentStage(object: TreeMap, revision: number): Stage | Refusal {
  const running = Number(treeAt(object, ...REVISION) ?? 0)
  if (revision > 0 && running !== revision)
    return refuse(`desired revision (${revision}) is different from the running revision (${running})`)
  const name = nameOf(object)
  if (!isObserved(object)) return waiting('Waiting for deployment spec update to be observed...')
  const progressing = listAt(object, 'status', 'conditions').find(({ type }) => type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return refuse(`deployment ${name} exceeded its progress deadline`)
  const wanted = count(object, 'spec', 'replicas')
  const [all, updated, available] = ['replicas', 'updatedReplicas', 'availableReplicas'].map((field) =>
    count(object, 'status', field),
  ) as [number, number, number]
  const begin = `Waiting for deployment ${name} rollout to finish:`
  if (updated < wanted) return waiting(`${begin} ${updated} out of ${wanted} new replicas have been updated...`)
  if (all > updated) return waiting(`${begin} ${all - updated} old replicas are pending termination...`)
  if (available < updated) return waiting(`${begin} ${available} of ${updated} updated replicas are available...`)
  return finished(`deployment ${name} successfully rolled out`)
}

const NOT_ROLLING = 'rollout status is only available for RollingUpdate strategy type'

function daemonSetStage(object: TreeMap): Stage | Refusal {
  if (treeAt(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return refuse(NOT_ROLLING)
  if (!isObserved(object)) return waiting('Waiting for daemon set spec update to be observed...')
  const [wanted, updated, available] = ['desiredNumberScheduled', 'updatedNumberScheduled', 'numberAvailable'].map(
    (field) => count(object, 'status', field),
  ) as [number, number, number]
  const begin = `Waiting for daemon set ${nameOf(object)} rollout to finish:`
  if (updated < wanted) return waiting(`${begin} ${updated} out of ${wanted} new pods have been updated...`)
  if (available < wanted) return waiting(`${begin} ${available} of ${wanted} updated pods are available...`)
  return finished(`daemon set ${nameOf(object)} successfully rolled out`)
}

function statefulSetStage(object: TreeMap): Stage | Refusal {
  if (treeAt(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return refuse(NOT_ROLLING)
  if (count(object, 'status', 'observedGeneration') === 0 || !isObserved(object))
    return waiting('Waiting for statefulset spec update to be observed...')
  const wanted = count(object, 'spec', 'replicas')
  const ready = count(object, 'status', 'readyReplicas')
  const updated = count(object, 'status', 'updatedReplicas')
  const text = (field: string): string => String(treeAt(object, 'status', field) ?? '')
  if (ready < wanted) return waiting(`Waiting for ${wanted - ready} pods to be ready...`)
  const rolling = treeAt(object, 'spec', 'updateStrategy', 'rollingUpdate')
  if (isMap(rolling)) {
    const share = wanted - Number(rolling.partition ?? 0)
    if (rolling.partition !== undefined && updated < share)
      return waiting(
        `Waiting for partitioned roll out to finish: ${updated} out of ${share} new pods have been updated...`,
      )
    return finished(`partitioned roll out complete: ${updated} new pods have been updated...`)
  }
  if (text('updateRevision') !== text('currentRevision'))
    return waiting(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${text('updateRevision')}...`,
    )
  return finished(
    `statefulset rolling update complete ${count(object, 'status', 'currentReplicas')} pods at revision ${text('currentRevision')}...`,
  )
}

const STAGES: Readonly<Record<string, (object: TreeMap, revision: number) => Stage | Refusal>> = {
  'Deployment.apps': deploymentStage,
  'DaemonSet.apps': daemonSetStage,
  'StatefulSet.apps': statefulSetStage,
}

interface Followed extends ObjectPlace {
  readonly groupKind: string
}

interface Following {
  readonly places: readonly Followed[]
  readonly until: Millis
  readonly refusals: readonly Refusal[]
}

/** Shows what is new of the first object; true when it is done. */
function look({ flags, session }: Invocation, place: Followed): Followed | Refusal | true {
  const news = newsOf(session, place)
  if (isRefusal(news)) return news
  for (const { type, object } of news.events) {
    if (type === 'DELETED') return refuse('object has been deleted')
    const stage = STAGES[place.groupKind]!(object, flags.number('revision'))
    if (isRefusal(stage)) return stage
    say(session, stage.text)
    if (stage.done || !flags.on('watch')) return true
  }
  return { ...place, ...news.place }
}

function goOnFollowing(invocation: Invocation, { places, until, refusals }: Following): Ending {
  const [place, ...rest] = places
  if (!place) return severalRefusals(refusals)
  const seen = look(invocation, place)
  if (seen === true) return goOnFollowing(invocation, { places: rest, until, refusals })
  if (isRefusal(seen)) return goOnFollowing(invocation, { places: rest, until, refusals: [...refusals, seen] })
  const { now } = invocation.session.client
  if (now >= until) return refuse('timed out waiting for the condition')
  return goOn(
    { following: { places: [seen, ...rest], until, refusals } } as unknown as Progress,
    Math.min(200, until - now),
  )
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const missing = missingResource(invocation)
  if (missing) return missing
  const revision = flags.number('revision')
  if (revision < 0) return refuse(`revision must be a positive integer: ${revision}`)
  const found = findRollouts(invocation)
  if (isRefusal(found)) return found
  if (found.targets.length === 0 && found.refusals.length === 0) sayNothingFound(invocation)
  const foreign = found.targets.find(({ resource }) => !(groupKind(resource) in STAGES))
  if (foreign) return refuse(`no status viewer has been implemented for ${groupKind(foreign.resource)}`)
  const timeout = flags.number('timeout')
  return goOnFollowing(invocation, {
    places: found.targets.map((target) => ({ ...placeOf(target), groupKind: groupKind(target.resource) })),
    until: timeout > 0 ? session.client.now + timeout : Number.MAX_SAFE_INTEGER,
    refusals: found.refusals,
  })
}

export const rolloutStatus: Command = {
  name: 'status',
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  short: 'Show the status of the rollout',
  help: 'Follow a rollout until it is done. With --watch=false, say only how it stands.',
  examples: ['kubectl rollout status deployment/web'],
  flags: {
    ...ROLLOUT_FLAGS,
    revision: { kind: 'int64', help: 'The revision that must be the running one; 0 for any.' },
    timeout: { kind: 'duration', help: 'How long to wait; zero for ever.' },
    watch: { kind: 'bool', short: 'w', default: 'true', help: 'Go on until the rollout is done.' },
  },
  run,
  follow: (invocation, progress) => goOnFollowing(invocation, (progress as { following: Following }).following),
  complete: completeRollout(['deployment', 'daemonset', 'statefulset']),
}
