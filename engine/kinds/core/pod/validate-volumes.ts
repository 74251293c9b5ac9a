/**
 * The volumes of a Pod: each of exactly one kind, each under its own name.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateVolumes)
 */
import type { Problem } from '../../../api/problem.ts'
import type {
  ConfigMapProjection,
  DownwardAPIProjection,
  KeyToPath,
  PodSpec,
  ProjectedVolumeSource,
  SecretProjection,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '../../../api/types.generated.ts'
import { all, at, type Check, FINE, join, like, must } from '../../../api/validate/check.ts'
import { dnsLabel, dnsSubdomain } from '../../../api/validate/formats.ts'
import { localUnreservedPath } from '../../../api/validate/paths.ts'
import { duplicate, forbidden, invalid, required } from '../../../api/validate/problems.ts'
import { byteLength } from '../../../std/byte-length.ts'
import * as sources from './validate-volume-sources.ts'

/** Files of several sources share one directory. */
type TakenPaths = Set<string>

interface Place {
  /** The projected volume, about which upstream complains when two files meet. */
  readonly volumePath: string
  readonly taken: TakenPaths
}

function claimPath({ volumePath, taken }: Place, path: string | undefined, said: string): readonly Problem[] {
  if (!path) return FINE
  if (taken.has(path)) return [invalid(volumePath, said, 'conflicting duplicate paths')]
  taken.add(path)
  return FINE
}

const projectedItems =
  (place: Place): Check<{ readonly name?: string; readonly items?: readonly KeyToPath[] }> =>
  ({ name = '', items = [] }, path) => {
    let problems = name === '' ? [required(`${path}.name`)] : FINE
    for (const [index, item] of items.entries()) {
      const found = sources.keysToPaths([item], '').map((problem) => moved(problem, `${path}.items[${index}]`))
      problems = join(join(problems, found), claimPath(place, item.path, name))
    }
    return problems
  }

/** A problem of the only item of a list, put where that item really is. */
const moved = (problem: Problem, path: string): Problem => ({ ...problem, field: problem.field.replace('[0]', path) })

const projectedFiles =
  (place: Place): Check<DownwardAPIProjection> =>
  ({ items = [] }, path) =>
    items.flatMap((file) => [...sources.downwardFile(file, path), ...claimPath(place, file.path, file.path)])

const TEN_MINUTES = 600

const expiration = all<number>(
  must((seconds) => seconds >= TEN_MINUTES, 'may not specify a duration less than 10 minutes'),
  must((seconds) => seconds <= 2 ** 32, 'may not specify a duration larger than 2^32 seconds'),
)

const token =
  ({ volumePath }: Place): Check<ServiceAccountTokenProjection> =>
  ({ expirationSeconds = 0, path: file }, path) =>
    join(
      expiration(expirationSeconds, `${path}.expirationSeconds`),
      file ? localUnreservedPath(file, `${volumePath}.path`) : [required(`${volumePath}.path`)],
    )

const projection =
  (place: Place): Check<VolumeProjection> =>
  (source, path) => {
    const problems = all<VolumeProjection>(
      at('secret', projectedItems(place) as Check<SecretProjection>),
      at('configMap', projectedItems(place) as Check<ConfigMapProjection>),
      at('downwardAPI', projectedFiles(place)),
      at('serviceAccountToken', token(place)),
    )(source, path)
    const count = Object.keys(source).length
    return count > 1 ? [...problems, forbidden(path, 'may not specify more than 1 volume type per source')] : problems
  }

const projectedSources: Check<ProjectedVolumeSource> = (value, path) => {
  const place = { volumePath: path, taken: new Set<string>() }
  return (value.sources ?? []).flatMap((source, index) => projection(place)(source, `${path}.sources[${index}]`))
}

const projected = all<ProjectedVolumeSource>(at('defaultMode', sources.fileMode), projectedSources)

/** The kinds of volume in the order in which upstream looks for them, and two names that it spells in its own way. */
const KINDS: readonly (readonly [name: keyof Volume, check: Check<never>, shown?: string, extra?: string])[] = [
  ['emptyDir', sources.emptyDir],
  ['hostPath', sources.hostPath],
  ['gitRepo', sources.gitRepo],
  ['gcePersistentDisk', sources.gcePersistentDisk, 'persistentDisk'],
  ['awsElasticBlockStore', sources.awsElasticBlockStore],
  ['secret', sources.secret],
  ['nfs', sources.nfs],
  ['iscsi', sources.iscsi],
  ['glusterfs', sources.glusterfs],
  ['flocker', sources.flocker],
  ['persistentVolumeClaim', sources.persistentVolumeClaim],
  ['rbd', sources.rbd],
  ['cinder', sources.cinder],
  ['cephfs', sources.cephfs, 'cephfs', 'cephFS'],
  ['quobyte', sources.quobyte],
  ['downwardAPI', sources.downwardAPI, 'downwardAPI', 'downwarAPI'],
  ['fc', sources.fc],
  ['flexVolume', sources.flexVolume],
  ['configMap', sources.configMap],
  ['azureFile', sources.azureFile],
  ['vsphereVolume', sources.vsphereVolume],
  ['photonPersistentDisk', sources.photonPersistentDisk],
  ['portworxVolume', sources.portworxVolume],
  ['azureDisk', sources.azureDisk],
  ['storageos', sources.storageos],
  ['projected', projected],
  ['scaleIO', sources.scaleIO],
  ['csi', sources.csi],
  ['ephemeral', sources.ephemeral],
  ['image', sources.image],
]

const iscsiNames: Check<Volume> = ({ name, iscsi }, path) =>
  iscsi?.initiatorName !== undefined && byteLength(`${name}:${iscsi.targetPortal}`) > 64
    ? [
        invalid(
          `${path}.name`,
          name,
          'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
        ),
      ]
    : FINE

/** A claim made for a Pod is called after both. */
const claimName =
  (podName: string | undefined): Check<Volume> =>
  ({ name }, path) => {
    if (!podName || !name) return FINE
    const claim = `${podName}-${name}`
    return dnsSubdomain(claim).map((detail) => invalid(`${path}.name`, name, `PVC name "${claim}": ${detail}`))
  }

const source =
  (podName: string | undefined): Check<Volume> =>
  (volume, path) => {
    let problems = FINE
    let count = 0
    for (const [name, check, shown = name, extra = name] of KINDS) {
      const value = volume[name] as never
      if (value === undefined) continue
      if (count++ > 0) {
        problems = [...problems, forbidden(`${path}.${extra}`, 'may not specify more than 1 volume type')]
      } else {
        problems = join(problems, check(value, `${path}.${shown}`))
        if (name === 'ephemeral') problems = join(problems, claimName(podName)(volume, path))
      }
      if (name === 'iscsi') problems = join(problems, iscsiNames(volume, path))
    }
    return count === 0 ? [required(path, 'must specify a volume type')] : problems
  }

const nameProblems = ({ name }: Volume, path: string, taken: ReadonlySet<string>): readonly Problem[] =>
  join(name ? like(dnsLabel)(name, path) : [required(path)], taken.has(name ?? '') ? [duplicate(path, name)] : FINE)

/** A claim that the Pod itself will make cannot also be one that it finds. */
function ownClaim({ volumes = [] }: PodSpec, volume: Volume, path: string, podName: string | undefined) {
  const wanted = volume.persistentVolumeClaim?.claimName
  const made = podName && volumes.some(({ name, ephemeral }) => ephemeral && `${podName}-${name}` === wanted)
  return made
    ? [
        invalid(
          `${path}.persistentVolumeClaim.claimName`,
          wanted,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      ]
    : FINE
}

/** What is wrong with the volumes, and those with which nothing is wrong: only these exist for mounts. */
export function checkVolumes(
  spec: PodSpec,
  podName: string | undefined,
  path: string,
): readonly [good: ReadonlyMap<string, Volume>, problems: readonly Problem[]] {
  const good = new Map<string, Volume>()
  const taken = new Set<string>()
  let problems = FINE
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const at = `${path}[${index}]`
    const found = join(source(podName)(volume, at), nameProblems(volume, `${at}.name`, taken))
    if (found.length === 0) {
      good.set(volume.name, volume)
      taken.add(volume.name)
    }
    problems = join(join(problems, found), ownClaim(spec, volume, at, podName))
  }
  return [good, problems]
}
