/**
 * Which plugins a scheduler runs, in which order and with which weight. The order decides whose refusal is told when
 * several plugins object; the weights decide what counts most among nodes that nobody refused.
 *
 * Upstream: pkg/scheduler/apis/config/v1/default_plugins.go, pkg/scheduler/framework/runtime/framework.go
 * Left out: VolumeRestrictions, NodeVolumeLimits, VolumeBinding, VolumeZone (what a volume asks of a node),
 * DefaultBinder as a choice, queue sort other than by priority.
 */
import type { Configuration, PluginChoice, PluginSet, ProfileConfiguration } from './configuration.ts'
import type { AnyPlugin } from './plugin.ts'
import { dynamicResources } from './plugins/dynamic-resources.ts'
import { imageLocality } from './plugins/image-locality.ts'
import { interPodAffinity } from './plugins/inter-pod-affinity.ts'
import { nodeAffinity } from './plugins/node-affinity.ts'
import { nodeDeclaredFeatures } from './plugins/node-declared-features.ts'
import { nodeName } from './plugins/node-name.ts'
import { nodePorts } from './plugins/node-ports.ts'
import { nodeResourcesBalancedAllocation } from './plugins/node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './plugins/node-resources-fit.ts'
import { nodeUnschedulable } from './plugins/node-unschedulable.ts'
import { podTopologySpread } from './plugins/pod-topology-spread.ts'
import { schedulingGates } from './plugins/scheduling-gates.ts'
import { taintToleration } from './plugins/taint-toleration.ts'

/** PostFilter: it does not judge nodes, it makes room on them. */
export const DEFAULT_PREEMPTION = 'DefaultPreemption'
export const DYNAMIC_RESOURCES = 'DynamicResources'

interface Row {
  readonly name: string
  /** Of its score; 1 where nothing is said. */
  readonly weight?: number
  // biome-ignore lint/suspicious/noExplicitAny: each plugin reads its own settings
  readonly make?: (args: any) => AnyPlugin
  readonly postFilter?: true
}

/** In the order of upstream's default profile. */
const DEFAULT: readonly Row[] = [
  { name: 'SchedulingGates', make: () => schedulingGates },
  { name: 'NodeUnschedulable', make: () => nodeUnschedulable },
  { name: 'NodeName', make: () => nodeName },
  { name: 'TaintToleration', weight: 3, make: () => taintToleration },
  { name: 'NodeAffinity', weight: 2, make: nodeAffinity },
  { name: 'NodePorts', make: () => nodePorts },
  { name: 'NodeResourcesFit', make: nodeResourcesFit },
  { name: 'PodTopologySpread', weight: 2, make: podTopologySpread },
  { name: 'InterPodAffinity', weight: 2, make: interPodAffinity },
  { name: DYNAMIC_RESOURCES, weight: 2, make: () => dynamicResources, postFilter: true },
  { name: DEFAULT_PREEMPTION, postFilter: true },
  { name: 'NodeResourcesBalancedAllocation', make: nodeResourcesBalancedAllocation },
  { name: 'ImageLocality', make: () => imageLocality },
  { name: 'NodeDeclaredFeatures', make: () => nodeDeclaredFeatures },
]

export const DEFAULT_SCHEDULER = 'default-scheduler'

export interface Weighted {
  readonly plugin: AnyPlugin
  readonly weight: number
}

export interface Profile {
  readonly schedulerName: string
  readonly percentageOfNodesToScore: number
  readonly all: readonly AnyPlugin[]
  readonly filters: readonly AnyPlugin[]
  readonly scorers: readonly Weighted[]
  readonly postFilters: readonly string[]
}

const ROW = new Map(DEFAULT.map((row) => [row.name, row]))

const switchedOff = ({ disabled = [] }: PluginSet, name: string): boolean =>
  disabled.some((choice) => choice.name === '*' || choice.name === name)

/** The rows that stand when a set of choices was made, each with its weight. */
function chosen(standing: readonly PluginChoice[], set: PluginSet = {}): readonly PluginChoice[] {
  const enabled = set.enabled ?? []
  const kept = standing.filter(({ name }) => !switchedOff(set, name))
  const changed = kept.map((choice) => ({ ...choice, ...enabled.find(({ name }) => name === choice.name) }))
  return [...changed, ...enabled.filter(({ name }) => !kept.some((choice) => choice.name === name))]
}

const weightOf = ({ name, weight }: PluginChoice): number => weight || ROW.get(name)?.weight || 1

function makePlugins({ pluginConfig = [] }: ProfileConfiguration): ReadonlyMap<string, AnyPlugin> {
  const plugins = new Map<string, AnyPlugin>()
  for (const { name, make } of DEFAULT)
    if (make) plugins.set(name, make(pluginConfig.find((settings) => settings.name === name)?.args ?? {}))
  return plugins
}

function makeProfile(configuration: Configuration, profile: ProfileConfiguration): Profile {
  const plugins = makePlugins(profile)
  const everywhere = chosen(DEFAULT, profile.plugins?.['multiPoint'])
  const at = (point: string) => chosen(everywhere, profile.plugins?.[point])
  const pluginsOf = (choices: readonly PluginChoice[]) => choices.flatMap(({ name }) => plugins.get(name) ?? [])
  const scorers = at('score').flatMap((choice) => {
    const plugin = plugins.get(choice.name)
    return plugin?.score || plugin?.scoreAll ? [{ plugin, weight: weightOf(choice) }] : []
  })
  return {
    schedulerName: profile.schedulerName ?? DEFAULT_SCHEDULER,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? configuration.percentageOfNodesToScore ?? 0,
    all: pluginsOf(everywhere),
    filters: pluginsOf(at('filter')).filter(({ filter }) => filter !== undefined),
    scorers,
    postFilters: at('postFilter').flatMap(({ name }) => (ROW.get(name)?.postFilter ? [name] : [])),
  }
}

type Profiles = ReadonlyMap<string, Profile>

const known = new WeakMap<Configuration, Profiles>()

const ALL_DEFAULTS: readonly ProfileConfiguration[] = [{}]

/** The profiles by the name that Pods choose them by (`spec.schedulerName`). */
export function profilesOf(configuration: Configuration): Profiles {
  let profiles = known.get(configuration)
  if (!profiles) {
    const made = (configuration.profiles ?? ALL_DEFAULTS).map((profile) => makeProfile(configuration, profile))
    profiles = new Map(made.map((profile) => [profile.schedulerName, profile]))
    known.set(configuration, profiles)
  }
  return profiles
}
