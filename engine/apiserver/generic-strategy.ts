/**
 * What the server does with a kind that has no folder of its own: the two doors of spec and status, a generation that counts changes of
 * what is wanted, and the few facts in which such kinds differ, as a table.
 *
 * Upstream: pkg/registry/<group>/<kind>/strategy.go
 */
import { equalJson } from '../api/equal.ts'
import type { AnyStrategy } from '../api/kind.ts'
import { pathSegment } from '../api/meta-validation.ts'
import type { Draft, KubeObject, ResourceName } from '../api/object.ts'
import type { ServedKind } from '../api/schema.ts'
import { resourceNameOf } from '../api/schema-table.ts'

type Parts = Readonly<Record<string, unknown>> & KubeObject & Draft

interface Facts {
  /** Counts nothing. */
  readonly noGeneration?: true
  readonly createsOnUpdate?: true
  readonly needsResourceVersion?: true
  readonly nameFormat?: AnyStrategy['nameFormat']
}

const ROLE: Facts = { noGeneration: true, createsOnUpdate: true, nameFormat: pathSegment }
const POLICY: Facts = { needsResourceVersion: true }

const FACTS: Readonly<Record<ResourceName, Facts>> = {
  endpoints: { noGeneration: true, createsOnUpdate: true },
  limitranges: { noGeneration: true, createsOnUpdate: true },
  resourcequotas: { noGeneration: true },
  persistentvolumes: { noGeneration: true },
  persistentvolumeclaims: { noGeneration: true },
  podtemplates: {},
  'controllerrevisions.apps': { noGeneration: true },
  'horizontalpodautoscalers.autoscaling': { noGeneration: true },
  'certificatesigningrequests.certificates.k8s.io': { noGeneration: true },
  'runtimeclasses.node.k8s.io': { noGeneration: true, createsOnUpdate: true, needsResourceVersion: true },
  'poddisruptionbudgets.policy': { needsResourceVersion: true },
  'customresourcedefinitions.apiextensions.k8s.io': { needsResourceVersion: true },
  'apiservices.apiregistration.k8s.io': { noGeneration: true, needsResourceVersion: true },
  'ipaddresses.networking.k8s.io': { noGeneration: true },
  'servicecidrs.networking.k8s.io': { noGeneration: true },
  'storageclasses.storage.k8s.io': { noGeneration: true },
  'csidrivers.storage.k8s.io': { needsResourceVersion: true },
  'csinodes.storage.k8s.io': { noGeneration: true, needsResourceVersion: true },
  'csistoragecapacities.storage.k8s.io': { noGeneration: true, needsResourceVersion: true },
  'volumeattachments.storage.k8s.io': { noGeneration: true },
  'volumeattributesclasses.storage.k8s.io': { noGeneration: true, needsResourceVersion: true },
  'validatingadmissionpolicies.admissionregistration.k8s.io': POLICY,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': POLICY,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': POLICY,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': POLICY,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': POLICY,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': POLICY,
  'roles.rbac.authorization.k8s.io': ROLE,
  'rolebindings.rbac.authorization.k8s.io': ROLE,
  'clusterroles.rbac.authorization.k8s.io': ROLE,
  'clusterrolebindings.rbac.authorization.k8s.io': ROLE,
}

/** The part that says what is wanted; all but metadata and status where there is no spec. */
function wanted(object: Parts): unknown {
  if ('spec' in object) return object.spec
  const { metadata, status, ...rest } = object
  return rest
}

const withPart = (object: Parts, name: 'spec' | 'status', value: unknown): Parts => {
  if (object[name] === value) return object
  const { [name]: _, ...rest } = object
  return (value === undefined ? rest : { ...rest, [name]: value }) as unknown as Parts
}

const known = new Map<ResourceName, AnyStrategy>()

function made(served: ServedKind): AnyStrategy {
  const resource = resourceNameOf(served)
  const { noGeneration, ...facts } = FACTS[resource] ?? {}
  const hasStatus = served.subresources?.some(({ name }) => name === 'status')
  return {
    resource,
    ...facts,
    ...(hasStatus && {
      prepareCreate: (object: Parts) => withPart(object, 'status', 'status' in object ? {} : undefined),
      prepareUpdate: (object: Parts, old: Parts, subresource: string) =>
        subresource === 'status' ? withPart(object, 'spec', old.spec) : withPart(object, 'status', old.status),
    }),
    ...(!noGeneration && {
      bumpsGeneration: (object: Parts, old: Parts) => !equalJson(wanted(object), wanted(old)),
    }),
  } as AnyStrategy
}

export function genericStrategy(served: ServedKind): AnyStrategy {
  const name = resourceNameOf(served)
  const strategy = known.get(name) ?? made(served)
  known.set(name, strategy)
  return strategy
}
