/**
 * The thirty ways in which a volume comes into a Pod, one table each. PersistentVolumes share many of them.
 *
 * Upstream: pkg/apis/core/validation/validation.go (validate…VolumeSource)
 */

import { isNegativeAmount } from '../../../api/amounts.ts'
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CephFSVolumeSource,
  CinderVolumeSource,
  ConfigMapVolumeSource,
  CSIVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  EmptyDirVolumeSource,
  EphemeralVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GitRepoVolumeSource,
  GlusterfsVolumeSource,
  HostPathVolumeSource,
  ImageVolumeSource,
  ISCSIVolumeSource,
  KeyToPath,
  NFSVolumeSource,
  PersistentVolumeClaimVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  SecretVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from '../../../api/types.generated.ts'
import {
  all,
  at,
  between,
  type Check,
  each,
  FINE,
  filled,
  first,
  like,
  must,
  need,
  oneOf,
} from '../../../api/validate/check.ts'
import { dnsLabel, dnsSubdomain } from '../../../api/validate/formats.ts'
import { localPath, localUnreservedPath, noBacksteps } from '../../../api/validate/paths.ts'
import { forbidden, invalid, notSupported, required, tooLong } from '../../../api/validate/problems.ts'
import { byteLength } from '../../../std/byte-length.ts'
import { claimTemplate } from '../persistentvolumeclaim/validate-spec.ts'
import { fieldInFile, resourceInFile } from './validate-env.ts'

export const fileMode: Check<number> = must(
  (mode) => mode >= 0 && mode <= 0o777,
  'must be a number between 0 and 0777 (octal), both inclusive',
)

export const emptyDir: Check<EmptyDirVolumeSource> = ({ sizeLimit }, path) =>
  sizeLimit !== undefined && isNegativeAmount(sizeLimit)
    ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : FINE

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

export const hostPath = first<HostPathVolumeSource>(
  need('path'),
  all(at('path', noBacksteps), at('type', oneOf(...HOST_PATH_TYPES))),
)

export const gitRepo = all<GitRepoVolumeSource>(need('repository'), at('directory', localPath))

/** 0 is allowed and means the whole disk, whatever the message says. */
const partition: Check<number> = must((number) => number >= 0 && number <= 255, 'must be between 1 and 255, inclusive')

export const gcePersistentDisk = all<GCEPersistentDiskVolumeSource>(need('pdName'), at('partition', partition))

export const awsElasticBlockStore = all<AWSElasticBlockStoreVolumeSource>(need('volumeID'), at('partition', partition))

const keyToPath = all<KeyToPath>(need('key'), need('path'), at('path', localUnreservedPath), at('mode', fileMode))

export const keysToPaths = each(keyToPath)

export const secret = all<SecretVolumeSource>(need('secretName'), at('defaultMode', fileMode), at('items', keysToPaths))

export const configMap = all<ConfigMapVolumeSource>(need('name'), at('defaultMode', fileMode), at('items', keysToPaths))

const absolute: Check<string> = must((path) => path.startsWith('/'), 'must be an absolute path')

export const nfs = all<NFSVolumeSource>(need('server'), need('path'), (value, path) =>
  absolute(value.path ?? '', `${path}.path`),
)

/** The three ways of naming a party of iSCSI. */
const ISCSI_NAMES: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([\p{L}\p{N}\-.]+)(:[^,;*&$|\s]+)$/u,
  eui: /^eui.[0-9A-Za-z]{16}$/,
  naa: /^naa.[0-9A-Za-z]{32}$/,
}

const iscsiName: Check<string> = (name, path) => {
  const pattern = ISCSI_NAMES[name.slice(0, 3)]
  if (!pattern) return [invalid(path, name, 'must be valid format starting with iqn, eui, or naa')]
  return pattern.test(name) ? FINE : [invalid(path, name, 'must be valid format')]
}

const unit = between(0, 255)

const chapSecret: Check<ISCSIVolumeSource> = ({ chapAuthDiscovery, chapAuthSession, secretRef }, path) =>
  (chapAuthDiscovery || chapAuthSession) && !secretRef ? [required(`${path}.secretRef`)] : FINE

export const iscsi = all<ISCSIVolumeSource>(
  need('targetPortal'),
  need('iqn', iscsiName),
  at('lun', unit),
  chapSecret,
  at('initiatorName', iscsiName, 'initiatorname'),
)

export const glusterfs = all<GlusterfsVolumeSource>(need('endpoints'), need('path'))

const oneDataset: Check<FlockerVolumeSource> = ({ datasetName, datasetUUID }, path) => {
  if (!datasetName && !datasetUUID) return [required(path, 'one of datasetName and datasetUUID is required')]
  return datasetName && datasetUUID
    ? [invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')]
    : FINE
}

const noSlash: Check<string> = must((name) => !name.includes('/'), "must not contain '/'")

export const flocker = all<FlockerVolumeSource>(oneDataset, at('datasetName', noSlash))

export const persistentVolumeClaim = all<PersistentVolumeClaimVolumeSource>(need('claimName'))

export const rbd = all<RBDVolumeSource>(need('monitors'), need('image'))

const named = need<{ readonly name?: string }, 'name'>('name')

export const cinder = all<CinderVolumeSource>(need('volumeID'), at('secretRef', named))

export const cephfs = all<CephFSVolumeSource>(need('monitors'))

const PAIRS = 'must be a host:port pair or multiple pairs separated by commas'

const isHostAndPort = (text: string): boolean => /^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(text)

const registry: Check<QuobyteVolumeSource> = ({ registry: pairs, tenant = '' }, path) => {
  if (!pairs) return [required(`${path}.registry`, PAIRS)]
  if (byteLength(tenant) >= 65) {
    return [required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters')]
  }
  return pairs
    .split(',')
    .filter((pair) => !isHostAndPort(pair))
    .map(() => invalid(`${path}.registry`, pairs, PAIRS))
}

export const quobyte = all<QuobyteVolumeSource>(registry, need('volume'))

const fieldOrResource: Check<DownwardAPIVolumeFile> = (file, path) => {
  if (file.fieldRef) {
    const both = 'fieldRef and resourceFieldRef can not be specified simultaneously'
    const problems = fieldInFile(file.fieldRef, `${path}.fieldRef`)
    return file.resourceFieldRef ? [...problems, invalid(path, 'resource', both)] : problems
  }
  if (file.resourceFieldRef) return resourceInFile(file.resourceFieldRef, `${path}.resourceFieldRef`)
  return [required(path, 'one of fieldRef and resourceFieldRef is required')]
}

export const downwardFile = all<DownwardAPIVolumeFile>(
  need('path'),
  at('path', localUnreservedPath),
  fieldOrResource,
  at('mode', fileMode),
)

/** Upstream complains about the volume, not about the file. */
const downwardFiles: Check<DownwardAPIVolumeSource> = ({ items = [] }, path) =>
  items.flatMap((file) => downwardFile(file, path))

export const downwardAPI = all<DownwardAPIVolumeSource>(at('defaultMode', fileMode), downwardFiles)

const worldWideNames: Check<FCVolumeSource> = ({ targetWWNs = [], wwids = [] }, path) => {
  const field = `${path}.targetWWNs`
  if (targetWWNs.length === 0 && wwids.length === 0) {
    return [required(field, 'must specify either targetWWNs or wwids, but not both')]
  }
  return targetWWNs.length > 0 && wwids.length > 0
    ? [invalid(field, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')]
    : FINE
}

const unitOfTarget: Check<FCVolumeSource> = ({ targetWWNs = [], lun }, path) => {
  if (targetWWNs.length === 0) return FINE
  if (lun === undefined) return [required(`${path}.lun`, 'lun is required if targetWWNs is specified')]
  return unit(lun, `${path}.lun`)
}

export const fc = all<FCVolumeSource>(worldWideNames, unitOfTarget)

const ownOptions: Check<FlexVolumeSource> = ({ options = {} }, path) =>
  Object.keys(options)
    .filter((key) => /\.(kubernetes|k8s)\.io$/i.test(`.${key.split('/')[0]}`) && key !== '')
    .map((key) => invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'))

export const flexVolume = all<FlexVolumeSource>(need('driver'), ownOptions)

export const azureFile = all<AzureFileVolumeSource>(need('secretName'), need('shareName'))

export const vsphereVolume = all<VsphereVirtualDiskVolumeSource>(need('volumePath'))

export const photonPersistentDisk = all<PhotonPersistentDiskVolumeSource>(need('pdID'))

export const portworxVolume = all<PortworxVolumeSource>(need('volumeID'))

const MANAGED_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

const diskAddress: Check<AzureDiskVolumeSource> = ({ kind, diskURI = '' }, path) => {
  if (kind === undefined) return FINE
  const [prefix, form] = kind === 'Managed' ? ['/subscriptions/', MANAGED_DISK] : ['https://', BLOB_DISK]
  return diskURI.startsWith(prefix) ? FINE : [notSupported(`${path}.diskURI`, diskURI, [form])]
}

export const azureDisk = all<AzureDiskVolumeSource>(
  need('diskName'),
  need('diskURI'),
  at('cachingMode', oneOf('None', 'ReadOnly', 'ReadWrite')),
  at('kind', oneOf('Dedicated', 'Managed', 'Shared')),
  diskAddress,
)

export const storageos = all<StorageOSVolumeSource>(
  need('volumeName', like(dnsLabel)),
  filled('volumeNamespace', like(dnsLabel)),
  at('secretRef', named),
)

export const scaleIO = all<ScaleIOVolumeSource>(need('gateway'), need('system'), need('volumeName'))

export const driverName: Check<string> = (name, path) => {
  if (name === '') return [required(path)]
  return [
    ...(byteLength(name) > 63 ? [tooLong(path, 63)] : []),
    ...dnsSubdomain(name.toLowerCase()).map((detail) => invalid(path, name, detail)),
  ]
}

/** A secret's name that is wrong is reported beside the secret, as upstream does. */
const publishSecret: Check<CSIVolumeSource> = ({ nodePublishSecretRef: secretRef }, path) => {
  if (!secretRef) return FINE
  return secretRef.name
    ? like(dnsSubdomain)(secretRef.name, `${path}.name`)
    : [required(`${path}.nodePublishSecretRef.name`)]
}

export const csi = all<CSIVolumeSource>(
  (value, path) => driverName(value.driver ?? '', `${path}.driver`),
  publishSecret,
)

export const ephemeral: Check<EphemeralVolumeSource> = ({ volumeClaimTemplate }, path) =>
  volumeClaimTemplate
    ? claimTemplate(volumeClaimTemplate, `${path}.volumeClaimTemplate`)
    : [required(`${path}.volumeClaimTemplate`)]

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']

export const image = all<ImageVolumeSource>(need('reference'), need('pullPolicy', oneOf(...PULL_POLICIES)))
