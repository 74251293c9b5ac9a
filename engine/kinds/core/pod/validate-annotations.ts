/**
 * What Pods once said in annotations, before there were fields for it.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePodSpecificAnnotations, validateSeccompAnnotationsAndFields)
 * Left out: tolerations in an annotation, which nobody reads any more.
 */
import type { Problem } from '../../../api/problem.ts'
import type { Container, PodSpec, SeccompProfile } from '../../../api/types.generated.ts'
import { FINE } from '../../../api/validate/check.ts'
import { localPath } from '../../../api/validate/paths.ts'
import { forbidden, invalid } from '../../../api/validate/problems.ts'
import { goQuote } from '../../../std/go-text.ts'

type Annotations = Readonly<Record<string, string>>

export const MIRROR = 'kubernetes.io/config.mirror'
export const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'

function deletionCost(annotations: Annotations, path: string): readonly Problem[] {
  const cost = annotations[DELETION_COST]
  if (cost === undefined || (/^(0|-?[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) <= 2 ** 31 - 1)) return FINE
  return [invalid(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer')]
}

function seccompValue(profile: string, path: string): readonly Problem[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return FINE
  if (profile.startsWith('localhost/')) return localPath(profile.slice('localhost/'.length), path)
  return [invalid(path, profile, 'must be a valid seccomp profile')]
}

const seccomp = (annotations: Annotations, path: string): readonly Problem[] =>
  Object.keys(annotations)
    .filter((key) => key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
    .sort((a, b) => Number(b === SECCOMP_POD) - Number(a === SECCOMP_POD))
    .flatMap((key) => seccompValue(annotations[key]!, `${path}.${key}`))

const hasContainer = (spec: PodSpec, name: string): boolean =>
  [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])].some(
    (container) => container.name === name,
  )

const isAppArmor = (profile: string): boolean =>
  profile === '' || profile === 'runtime/default' || profile === 'unconfined' || profile.startsWith('localhost/')

const appArmor = (annotations: Annotations, spec: PodSpec, path: string): readonly Problem[] =>
  Object.keys(annotations)
    .filter((key) => key.startsWith(APP_ARMOR))
    .flatMap((key) => {
      const name = key.slice(APP_ARMOR.length)
      const profile = annotations[key]!
      return [
        ...(hasContainer(spec, name) ? FINE : [invalid(`${path}[${key}]`, name, 'container not found')]),
        ...(isAppArmor(profile)
          ? FINE
          : [invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${goQuote(profile)}`)]),
      ]
    })

export function podAnnotations(annotations: Annotations, spec: PodSpec, path: string): readonly Problem[] {
  const mirror = annotations[MIRROR]
  const lost = mirror !== undefined && !spec.nodeName
  return [
    ...(lost
      ? [invalid(`${path}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set')]
      : FINE),
    ...deletionCost(annotations, path),
    ...seccomp(annotations, path),
    ...appArmor(annotations, spec, path),
  ]
}

interface Profile {
  readonly type?: string
  readonly localhostProfile?: string
}

/** The annotation's spelling of a profile. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  Unconfined: ['unconfined'],
  RuntimeDefault: ['runtime/default', 'docker/default'],
}

function matches(annotation: string, profile: Profile, path: string, what: string): readonly Problem[] {
  const { type = '', localhostProfile } = profile
  const wrongType = forbidden(`${path}.type`, `${what} type in annotation and field must match`)
  if (type !== 'Localhost') {
    return (SPELLINGS[type]?.includes(annotation) ?? true) ? FINE : [wrongType]
  }
  if (!annotation.startsWith('localhost/')) return [wrongType]
  return annotation.slice('localhost/'.length) === localhostProfile
    ? FINE
    : [forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`)]
}

type Visit = (container: Container, path: string) => readonly Problem[]

const everyContainer = (spec: PodSpec, path: string, visit: Visit): readonly Problem[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    ((spec[list] ?? []) as readonly Container[]).flatMap((container, index) =>
      visit(container, `${path}.${list}[${index}]`),
    ),
  )

const said = (annotations: Annotations, key: string, profile: Profile | undefined, path: string, what: string) =>
  profile && annotations[key] !== undefined ? matches(annotations[key]!, profile, path, what) : FINE

/** Who says a thing twice must say the same. */
export function annotationsMatchFields(
  annotations: Annotations | undefined,
  spec: PodSpec,
  path: string,
): readonly Problem[] {
  if (!annotations) return FINE
  const context = spec.securityContext
  const ofPod: SeccompProfile | undefined = context?.seccompProfile
  const seccompOf: Visit = ({ name, securityContext }, at) =>
    said(
      annotations,
      SECCOMP_CONTAINER + name,
      securityContext?.seccompProfile,
      `${at}.securityContext.seccompProfile`,
      'seccomp',
    )
  const appArmorOf: Visit = ({ name, securityContext }, at) =>
    said(
      annotations,
      APP_ARMOR + name,
      securityContext?.appArmorProfile ?? context?.appArmorProfile,
      `${at}.securityContext.appArmorProfile`,
      'apparmor',
    )
  return [
    ...said(annotations, SECCOMP_POD, ofPod, `${path}.securityContext.seccompProfile`, 'seccomp'),
    ...everyContainer(spec, path, seccompOf),
    ...(spec.os?.name === 'windows' ? FINE : everyContainer(spec, path, appArmorOf)),
  ]
}
