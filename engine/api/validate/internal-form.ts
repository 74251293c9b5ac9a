/**
 * Values as the server holds them inside. When a refusal quotes a whole struct, upstream prints its internal type, with Go's names and
 * with everything that nobody set; so these texts are part of what users see.
 *
 * Upstream: pkg/apis/core/types.go, printed by encoding/json
 */
import type { Field, FieldType, TypeName } from '../schema.ts'
import { typeOf } from '../schema-table.ts'

/** Names that do not follow from capitalizing the first letter. */
const GO_NAMES: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  audience: 'Audience',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  csi: 'CSI',
  datasetUUID: 'DatasetUUID',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  downwardAPI: 'DownwardAPI',
  endpoints: 'EndpointsName',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  nfs: 'NFS',
  os: 'OS',
  pdID: 'PdID',
  pdName: 'PDName',
  rbd: 'RBD',
  scaleIO: 'ScaleIO',
  seLinuxOptions: 'SELinuxOptions',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  setHostnameAsFQDN: 'SetHostnameAsFQDN',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  storagePolicyID: 'StoragePolicyID',
  storageClassName: 'StorageClassName',
  targetWWNs: 'TargetWWNs',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  volumeID: 'VolumeID',
  wwids: 'WWIDs',
}

/** Names that one type has for itself. */
const OWN_NAMES: Readonly<Record<TypeName, Readonly<Record<string, string>>>> = {
  'core.v1.CephFSVolumeSource': { monitors: 'Monitors' },
  'core.v1.RBDVolumeSource': {
    monitors: 'CephMonitors',
    image: 'RBDImage',
    pool: 'RBDPool',
    user: 'RadosUser',
  },
}

const words = (...lines: readonly string[]): readonly string[] => lines.join(' ').split(' ')

/** Fields that stand elsewhere inside than in v1: all of the type's, in the internal order. */
const ORDER: Readonly<Record<TypeName, readonly string[]>> = {
  'core.v1.PodSpec': words(
    'volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds',
    'dnsPolicy nodeSelector serviceAccountName automountServiceAccountToken nodeName securityContext imagePullSecrets',
    'hostname subdomain setHostnameAsFQDN affinity schedulerName tolerations hostAliases priorityClassName priority',
    'preemptionPolicy dnsConfig readinessGates runtimeClassName overhead enableServiceLinks topologySpreadConstraints os',
    'schedulingGates resourceClaims resources hostnameOverride schedulingGroup',
  ),
  'core.v1.PodSecurityContext': words(
    'seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot supplementalGroups supplementalGroupsPolicy fsGroup',
    'fsGroupChangePolicy sysctls seccompProfile appArmorProfile seLinuxChangePolicy',
  ),
  'core.v1.Volume': words(
    'name hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim',
    'rbd quobyte flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume azureDisk',
    'photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image',
  ),
  'core.v1.ContainerPort': words('name hostPort containerPort protocol hostIP'),
}

const goName = (type: TypeName, name: string): string =>
  OWN_NAMES[type]?.[name] ?? GO_NAMES[name] ?? name.charAt(0).toUpperCase() + name.slice(1)

/** Types of `meta/v1` have no internal twin: they print as they are written. */
const isShared = (type: TypeName): boolean => type.startsWith('meta.v1.')

const ZEROS: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  quantity: '0',
  time: null,
  microTime: null,
  intOrString: 0,
}

/** Types whose optional fields are plain values inside. */
const PLAIN: ReadonlySet<TypeName> = new Set(['apps.v1.RollingUpdateDeployment'])

/** What a field that nobody set looks like. */
function zeroOf({ is, presence }: Field, plain = false): unknown {
  if ('scalar' in is) return presence === 'pointer' && !plain ? null : (ZEROS[is.scalar] ?? null)
  return 'type' in is && presence === 'always' ? printedAs(is.type, {}) : null
}

/** Go prints maps by their keys. */
const sortedFields = (value: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

function inside(is: FieldType, value: unknown): unknown {
  if (value === null) return null
  if ('list' in is) return (value as readonly unknown[]).map((item) => inside(is.list, item))
  if ('type' in is) return printedAs(is.type, value as object)
  return 'map' in is ? sortedFields(value as Readonly<Record<string, unknown>>) : value
}

/** Amounts that may be absent; the others are zero when nobody said any. */
const POINTERS: ReadonlySet<string> = new Set(['core.v1.EmptyDirVolumeSource.sizeLimit'])

function printedField(type: TypeName, name: string, field: Field, value: unknown): Readonly<Record<string, unknown>> {
  if (name === 'metadata') return { ...asWritten('meta.v1.ObjectMeta', value ?? {}) }
  if (value !== undefined) return { [goName(type, name)]: inside(field.is, value) }
  return { [goName(type, name)]: POINTERS.has(`${type}.${name}`) ? null : zeroOf(field, PLAIN.has(type)) }
}

/** Metadata is embedded: its fields stand beside the others. */
function printedAs(type: TypeName, value: object): object {
  if (isShared(type)) return asWritten(type, value)
  const { fields } = typeOf(type)
  const names = ORDER[type] ?? Object.keys(fields)
  const given = value as Readonly<Record<string, unknown>>
  return Object.assign({}, ...names.map((name) => printedField(type, name, fields[name]!, given[name])))
}

/** A value of a type with JSON tags: only what is set, and what is always there, in the struct's order. */
export function asWritten(type: TypeName, value: object): object {
  const { fields } = typeOf(type)
  const given = value as Readonly<Record<string, unknown>>
  const shown = Object.keys(fields).filter((name) => given[name] !== undefined || fields[name]!.required)
  return Object.fromEntries(
    shown.map((name) => [
      name,
      given[name] === undefined ? zeroOf(fields[name]!) : inside(fields[name]!.is, given[name]),
    ]),
  )
}

/** A value of a core type as upstream's internal type of that name prints. */
export const internalForm = (goType: string, value: object, groupVersion = 'core.v1'): object =>
  printedAs(`${groupVersion}.${goType}`, value)
