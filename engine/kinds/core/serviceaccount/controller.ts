/**
 * Every namespace gets a ServiceAccount called `default`, and a ConfigMap with the certificate by which Pods know the API server:
 * two small controllers that put back what is missing.
 *
 * Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go, pkg/controller/certificates/rootcacertpublisher
 */
import type { Key, KubeObject } from '../../../api/object.ts'
import type { Change, Command, Controller, View } from '../../../client/controller.ts'
import { create, update } from '../../../controllers/ask.ts'

const isActive = (namespace: KubeObject | undefined): boolean =>
  namespace !== undefined && namespace.metadata.deletionTimestamp === undefined

const namespaceKey = ({ key }: Change): readonly Key[] => [key]

/** The namespace of an object of a certain name. */
const namespaceOfNamed =
  (name: string) =>
  ({ key }: Change): readonly Key[] =>
    key.endsWith(`/${name}`) ? [key.slice(0, -name.length - 1)] : []

function reconcileAccount(view: View, namespace: Key): readonly Command[] {
  if (!isActive(view.get('namespaces', namespace)) || view.get('serviceaccounts', `${namespace}/default`)) return []
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }
  return [create('serviceaccounts', namespace, account, { tolerate: ['AlreadyExists'] })]
}

export const serviceAccountController: Controller = {
  name: 'service-account-controller',
  workers: 1,
  watches: { namespaces: namespaceKey, serviceaccounts: namespaceOfNamed('default') },
  reconcile: reconcileAccount,
}

const ROOT_CA = 'kube-root-ca.crt'

/** Stands for the cluster's certificate; nothing here is encrypted. */
export const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIkubefold\n-----END CERTIFICATE-----\n'

const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

type WithData = KubeObject & { readonly data?: Readonly<Record<string, string>> }

function reconcileRootCa(view: View, namespace: Key): readonly Command[] {
  if (!isActive(view.get('namespaces', namespace))) return []
  const data = { 'ca.crt': CERTIFICATE }
  const map = view.get<WithData>('configmaps', `${namespace}/${ROOT_CA}`)
  const metadata = { name: ROOT_CA, namespace, annotations: { 'kubernetes.io/description': DESCRIPTION } }
  if (!map)
    return [
      create(
        'configmaps',
        namespace,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
        { tolerate: ['AlreadyExists'] },
      ),
    ]
  return map.data?.['ca.crt'] === CERTIFICATE ? [] : [update('configmaps', { ...map, data } as KubeObject)]
}

export const rootCaPublisher: Controller = {
  name: 'root-ca-cert-publisher',
  workers: 1,
  watches: { namespaces: namespaceKey, configmaps: namespaceOfNamed(ROOT_CA) },
  reconcile: reconcileRootCa,
}
