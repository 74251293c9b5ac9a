/**
 * What the server makes of a Pod before it looks at it closely: a new one is Pending, of a class of service that follows from what it
 * asks for; an old one changes through several narrow doors.
 *
 * Upstream: pkg/registry/core/pod/strategy.go, pkg/api/pod/util.go
 */
import { every, type Fill, filling, withField } from '../../../api/filling.ts'
import type { KindContext } from '../../../api/kind.ts'
import type {
  Affinity,
  Container,
  LabelSelector,
  LabelSelectorRequirement,
  Pod,
  PodAffinityTerm,
  PodSpec,
  PodStatus,
  TopologySpreadConstraint,
} from '../../../api/types.generated.ts'
import { type Millis, timestamp } from '../../../std/time.ts'
import { withoutDisabled } from './disabled-fields.ts'
import { qualityOfService } from './quality-of-service.ts'

const GATED = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
} as const

type Condition = NonNullable<PodStatus['conditions']>[number]

const gatedSince = (now: Millis): Condition =>
  ({ ...GATED, lastProbeTime: null, lastTransitionTime: timestamp(now) }) as unknown as Condition

type Labels = Readonly<Record<string, string>>

/** "Like me in these labels", said with the labels that I have. Keys that I do not have say nothing. */
function expressions(keys: readonly string[] | undefined, operator: 'In' | 'NotIn', labels: Labels) {
  return (keys ?? [])
    .filter((key) => labels[key] !== undefined)
    .map((key): LabelSelectorRequirement => ({ key, operator, values: [labels[key]!] }))
}

interface KeyedSelector {
  readonly labelSelector?: LabelSelector
  readonly matchLabelKeys?: readonly string[]
  readonly mismatchLabelKeys?: readonly string[]
}

const withKeys =
  <T extends KeyedSelector>(labels: Labels): Fill<T> =>
  (term) => {
    const more = [
      ...expressions(term.matchLabelKeys, 'In', labels),
      ...expressions(term.mismatchLabelKeys, 'NotIn', labels),
    ]
    if (!term.labelSelector || more.length === 0) return term
    const matchExpressions = [...(term.labelSelector.matchExpressions ?? []), ...more]
    return withField(term, 'labelSelector', { ...term.labelSelector, matchExpressions } as T['labelSelector'])
  }

/** Keys of labels become expressions once, when the Pod is born: its labels may change later, its wishes not. */
function withLabelKeys(spec: PodSpec, labels: Labels | undefined): PodSpec {
  if (!labels || (!spec.affinity && !spec.topologySpreadConstraints)) return spec
  const term: Fill<PodAffinityTerm> = withKeys(labels)
  const ofPods = filling<NonNullable<Affinity['podAffinity'] & Affinity['podAntiAffinity']>>(
    {},
    {
      requiredDuringSchedulingIgnoredDuringExecution: every(term),
      preferredDuringSchedulingIgnoredDuringExecution: every(filling({}, { podAffinityTerm: term })),
    },
  )
  return filling<PodSpec>(
    {},
    {
      affinity: filling({}, { podAffinity: ofPods, podAntiAffinity: ofPods }),
      topologySpreadConstraints: every<TopologySpreadConstraint>(withKeys(labels)),
    },
  )(spec)
}

export function preparePodCreate(pod: Pod, { now }: KindContext): Pod {
  const spec = pod.spec && withLabelKeys(withoutDisabled(pod.spec), pod.metadata.labels)
  const fresh: PodStatus = { phase: 'Pending', qosClass: qualityOfService(pod) }
  const gated = (spec?.schedulingGates?.length ?? 0) > 0
  return withField(withField(pod, 'spec', spec), 'status', gated ? { ...fresh, conditions: [gatedSince(now)] } : fresh)
}

/** Through the door of the status, owners stay too: kubelets once wrote them wrongly. */
const throughStatus = (pod: Pod, old: Pod): Pod => ({
  ...withField(pod, 'spec', old.spec),
  metadata: withField(pod.metadata, 'ownerReferences', old.metadata.ownerReferences),
  status: filling<PodStatus>({ qosClass: () => old.status?.qosClass })(pod.status ?? {}),
})

type Containers = readonly Container[] | undefined

const sameNames = (some: Containers = [], others: Containers = []): boolean =>
  some.length === others.length && some.every(({ name }, index) => name === others[index]!.name)

const withNewSizes = (old: Containers, now: Containers = []): Containers =>
  old?.map((container, index) => {
    const { resources, resizePolicy } = now[index]!
    return withField(withField(container, 'resources', resources), 'resizePolicy', resizePolicy)
  })

/** Containers that do not match are left for the validation to refuse. */
function throughResize(pod: Pod, old: Pod): Pod {
  const [now, before] = [pod.spec, old.spec]
  if (!now || !before) return pod
  const match = sameNames(now.containers, before.containers) && sameNames(now.initContainers, before.initContainers)
  if (!match) return pod
  return withField(old, 'spec', {
    ...withField(before, 'initContainers', withNewSizes(before.initContainers, now.initContainers)),
    containers: withNewSizes(before.containers, now.containers)!,
  })
}

const throughEphemeral = (pod: Pod, old: Pod): Pod =>
  withField(old, 'spec', old.spec && withField(old.spec, 'ephemeralContainers', pod.spec?.ephemeralContainers))

type Door = (pod: Pod, old: Pod) => Pod

const DOORS: Readonly<Record<string, Door>> = {
  status: throughStatus,
  resize: throughResize,
  ephemeralcontainers: throughEphemeral,
}

/** What a door does not lead to stays as it was. */
export function preparePodUpdate(pod: Pod, old: Pod, subresource: string): Pod {
  const door = DOORS[subresource]
  if (door) return door(pod, old)
  return withField(withField(pod, 'status', old.status), 'spec', pod.spec && withoutDisabled(pod.spec))
}
