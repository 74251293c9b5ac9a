/**
 * The scheduler's configuration file, as far as it is followed here. An empty one means all defaults.
 *
 * Upstream: staging/src/k8s.io/kube-scheduler/config/v1/types.go
 * Left out: extenders, parallelism (one node is looked at after the other), settings of plugins that are not modelled,
 * enabling and disabling at points other than multiPoint, filter, score and postFilter. `unsupported` names what is
 * asked for in vain.
 */
export interface PluginChoice {
  readonly name: string
  readonly weight?: number
}

export interface PluginSet {
  readonly enabled?: readonly PluginChoice[]
  readonly disabled?: readonly PluginChoice[]
}

export interface ProfileConfiguration {
  readonly schedulerName?: string
  readonly percentageOfNodesToScore?: number
  readonly plugins?: Readonly<Record<string, PluginSet>>
  readonly pluginConfig?: readonly { readonly name: string; readonly args?: unknown }[]
}

export interface Configuration {
  readonly profiles?: readonly ProfileConfiguration[]
  readonly percentageOfNodesToScore?: number
  readonly parallelism?: number
  readonly podInitialBackoffSeconds?: number
  readonly podMaxBackoffSeconds?: number
  readonly extenders?: readonly unknown[]
}

const FOLLOWED_POINTS: ReadonlySet<string> = new Set(['multiPoint', 'filter', 'score', 'postFilter'])

/** What a configuration asks for that is not modelled, in words. */
export function unsupported({ extenders, profiles = [] }: Configuration): readonly string[] {
  const points = profiles.flatMap(({ plugins = {} }) =>
    Object.keys(plugins).filter((point) => !FOLLOWED_POINTS.has(point)),
  )
  const said = points.map((point) => `plugins of the extension point ${point} are not modelled`)
  return extenders?.length ? ['extenders are not modelled', ...said] : said
}
