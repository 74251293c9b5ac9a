/**
 * What a Pod's author need not say. Templates of workloads are filled in with the same tables, so that what a
 * Deployment shows is what its Pods will be; only what depends on being a Pod (requests from limits, host
 * ports, service links) waits until there is one.
 *
 * Upstream: pkg/apis/core/v1/defaults.go
 */
import { roundedAmounts } from '../../../api/amounts.ts'
import { every, type Fill, filling, inTurn, once, withField } from '../../../api/filling.ts'
import type {
  Container,
  DownwardAPIVolumeFile,
  EnvVar,
  EphemeralContainer,
  FileKeySelector,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  ObjectFieldSelector,
  PersistentVolumeClaimTemplate,
  Pod,
  PodSpec,
  PodStatus,
  PodTemplateSpec,
  Probe,
  ResourceFieldSelector,
  ResourceRequirements,
  Volume,
  VolumeProjection,
} from '../../../api/types.generated.ts'
import { pullPolicyOf } from './image-name.ts'

const FILE_MODE = 0o644

const httpGet = filling<HTTPGetAction>({ path: '/', scheme: 'HTTP' })

/** Amounts of resources; also those of a Pod as a whole. */
export const resourceAmounts = filling<ResourceRequirements>({}, { limits: roundedAmounts, requests: roundedAmounts })

const probe = filling<Probe>(
  { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  { httpGet, grpc: filling({ service: '' }) },
)

const handler = filling<LifecycleHandler>({}, { httpGet })

const lifecycle = filling<Lifecycle>({}, { postStart: handler, preStop: handler })

const fieldRef = filling<ObjectFieldSelector>({ apiVersion: 'v1' })
const resourceFieldRef = filling<ResourceFieldSelector>({ divisor: '0' })
const fileKeyRef = filling<FileKeySelector>({ optional: false })

const envVar = filling<EnvVar>({}, { valueFrom: filling({}, { fieldRef, resourceFieldRef, fileKeyRef }) })

/** Upstream defaults every kind of container alike, ephemeral ones included. */
const container = once(
  filling<Container>(
    {
      imagePullPolicy: ({ image }) => pullPolicyOf(image ?? ''),
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    },
    {
      resources: resourceAmounts,
      ports: every(filling({ protocol: 'TCP' })),
      env: every(envVar),
      livenessProbe: probe,
      readinessProbe: probe,
      startupProbe: probe,
      lifecycle,
    },
  ),
)

const downwardItems = every<DownwardAPIVolumeFile>(filling({}, { fieldRef, resourceFieldRef }))

const projection = filling<VolumeProjection>(
  {},
  {
    downwardAPI: filling({}, { items: downwardItems }),
    serviceAccountToken: filling({ expirationSeconds: 3600 }),
  },
)

const claimTemplate = filling<PersistentVolumeClaimTemplate>({}, { spec: filling({ volumeMode: 'Filesystem' }) })

const volumeSource = filling<Volume>(
  {},
  {
    hostPath: filling({ type: '' }),
    secret: filling({ defaultMode: FILE_MODE }),
    configMap: filling({ defaultMode: FILE_MODE }),
    downwardAPI: filling({ defaultMode: FILE_MODE }, { items: downwardItems }),
    projected: filling({ defaultMode: FILE_MODE }, { sources: every(projection) }),
    iscsi: filling({ iscsiInterface: 'default' }),
    rbd: filling({ pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }),
    azureDisk: filling({ cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false }),
    scaleIO: filling({ fsType: 'xfs', storageMode: 'ThinProvisioned' }),
    image: filling({ pullPolicy: ({ reference }) => pullPolicyOf(reference ?? '') }),
    ephemeral: filling({}, { volumeClaimTemplate: claimTemplate }),
  },
)

/** A volume of no kind at all is an empty directory. */
const volume: Fill<Volume> = (value) => {
  for (const name in value) if (name !== 'name') return volumeSource(value)
  return { ...value, emptyDir: {} }
}

/** One account under two names: the old one follows the new. */
const serviceAccount: Fill<PodSpec> = (spec) => {
  const name = spec.serviceAccountName || spec.serviceAccount
  if (!name) return spec
  return withField(withField(spec, 'serviceAccountName', name), 'serviceAccount', name)
}

/** What a Pod and a template have in common. */
export const defaultPodSpec: Fill<PodSpec> = once(
  inTurn(
    serviceAccount,
    filling<PodSpec>(
      {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        securityContext: {},
        schedulerName: 'default-scheduler',
      },
      {
        containers: every(container),
        initContainers: every(container),
        ephemeralContainers: every<EphemeralContainer>(container as Fill<EphemeralContainer>),
        volumes: every(volume),
        overhead: roundedAmounts,
        resources: resourceAmounts,
      },
    ),
  ),
)

/** The template of a workload: `template: {}` has at least metadata. */
export const defaultPodTemplate: Fill<PodTemplateSpec> = filling<PodTemplateSpec>(
  { metadata: {} },
  { spec: defaultPodSpec },
)

/** Who limits without requesting requests the limit. */
const requestsFromLimits: Fill<ResourceRequirements> = (resources) => {
  const { limits, requests } = resources
  if (!limits) return resources
  const missing = Object.keys(limits).filter((name) => requests?.[name] === undefined)
  if (missing.length === 0) return resources
  return { ...resources, requests: { ...limits, ...requests } }
}

const podContainer = once(filling<Container>({}, { resources: requestsFromLimits }))

/** On the host's network a port of a container is a port of the host. */
const hostPort = once(
  filling<Container>(
    {},
    {
      ports: every(filling({ hostPort: ({ containerPort }) => containerPort || undefined })),
    },
  ),
)

const hostPorts = filling<PodSpec>({}, { containers: every(hostPort), initContainers: every(hostPort) })

const podOnly = inTurn<PodSpec>(
  filling<PodSpec>(
    { enableServiceLinks: true },
    { containers: every(podContainer), initContainers: every(podContainer) },
  ),
  (spec) => (spec.hostNetwork ? hostPorts(spec) : spec),
)

const defaultSpecOfPod = once(inTurn(defaultPodSpec, podOnly))

/** One address under two names; where they differ the older name wins. */
function addressesInStep(status: PodStatus): PodStatus {
  const { podIP = '', podIPs = [] } = status
  if (podIP === (podIPs[0]?.ip ?? '')) return status
  return podIP === '' ? { ...status, podIP: podIPs[0]!.ip } : { ...status, podIPs: [{ ip: podIP }] }
}

export const defaultPod: Fill<Pod> = filling<Pod>({}, { spec: defaultSpecOfPod, status: addressesInStep })
