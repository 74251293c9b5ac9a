/**
 * What the cluster's own parts may do: the roles and bindings that an API server makes for them when it first starts. Without them
 * no controller could write anything, because nobody here is above the rules.
 *
 * Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy}.go
 * Left out: the roles of controllers that are not modelled yet, and the aggregated roles admin, edit and view.
 */
import type { Draft } from '../../api/object.ts'
import type { PolicyRule } from '../../apiserver/rbac.ts'

const GROUP = 'rbac.authorization.k8s.io'
const MARK = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { [`${GROUP}/autoupdate`]: 'true' },
}

/** `get,list pods,nodes apps:replicasets` … one line of verbs and resources as a rule. */
function rule(verbs: string, resources: string, group = '', names?: string): PolicyRule {
  return {
    apiGroups: [group],
    resources: resources.split(','),
    verbs: verbs.split(','),
    ...(names !== undefined && { resourceNames: names.split(',') }),
  }
}

const EVENTS: readonly PolicyRule[] = [
  rule('create,patch,update', 'events'),
  rule('create,patch,update', 'events', 'events.k8s.io'),
]

const READ = 'get,list,watch'

/** What each controller's own role allows, beside recording Events. */
const CONTROLLER_RULES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'deployment-controller': [
    rule(`${READ},update`, 'deployments', 'apps'),
    rule('update', 'deployments/status,deployments/finalizers', 'apps'),
    rule('create,delete,get,list,patch,update,watch', 'replicasets', 'apps'),
    rule('get,list,update,watch', 'pods'),
  ],
  'replicaset-controller': [
    rule(`${READ},update`, 'replicasets', 'apps'),
    rule('update', 'replicasets/status,replicasets/finalizers', 'apps'),
    rule('create,delete,list,patch,watch', 'pods'),
  ],
  'endpointslice-controller': [
    rule(READ, 'nodes,pods,services'),
    rule('update', 'services/finalizers'),
    rule('create,delete,get,list,update', 'endpointslices', 'discovery.k8s.io'),
  ],
  'endpoint-controller': [
    rule(READ, 'pods,services'),
    rule('create,delete,get,list,update', 'endpoints'),
    rule('create', 'endpoints/restricted'),
  ],
  'generic-garbage-collector': [rule('delete,get,list,patch,update,watch', '*', '*')],
  'namespace-controller': [
    rule('delete,get,list,watch', 'namespaces'),
    rule('update', 'namespaces/finalize,namespaces/status'),
    rule('delete,deletecollection,get,list', '*', '*'),
  ],
  'node-controller': [
    rule('delete,get,list,patch,update', 'nodes'),
    rule('patch,update', 'nodes/status'),
    rule('patch,update', 'pods/status'),
    rule('delete,list,get', 'pods'),
    rule(READ, 'leases', 'coordination.k8s.io'),
  ],
  'pod-garbage-collector': [rule('delete,list,watch', 'pods'), rule('get,list', 'nodes'), rule('patch', 'pods/status')],
  'service-account-controller': [rule('create', 'serviceaccounts')],
  'root-ca-cert-publisher': [rule('create,update', 'configmaps')],
}

const SYSTEM_RULES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  'system:basic-user': [
    rule('create', 'selfsubjectaccessreviews,selfsubjectrulesreviews', 'authorization.k8s.io'),
    rule('create', 'selfsubjectreviews', 'authentication.k8s.io'),
  ],
  'system:discovery': [
    {
      nonResourceURLs: [
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ],
      verbs: ['get'],
    },
  ],
  'system:public-info-viewer': [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ],
  'system:kube-scheduler': [
    ...EVENTS,
    rule('create', 'leases', 'coordination.k8s.io'),
    rule('get,update', 'leases', 'coordination.k8s.io', 'kube-scheduler'),
    rule(READ, 'nodes,namespaces'),
    rule('delete,get,list,watch', 'pods'),
    rule('create', 'bindings,pods/binding'),
    rule('patch,update', 'pods/status'),
    rule(READ, 'replicationcontrollers,services'),
    rule(READ, 'replicasets,statefulsets', 'apps'),
  ],
  /** The Node authorizer, which also looks at which Pods are on the node, is not modelled: kubelets are bound to this role. */
  'system:node': [
    ...EVENTS,
    rule('create', 'tokenreviews', 'authentication.k8s.io'),
    rule(READ, 'services'),
    rule('create,get,list,watch', 'nodes'),
    rule('patch,update', 'nodes/status'),
    rule('patch,update', 'nodes'),
    rule(READ, 'pods'),
    rule('create,delete', 'pods'),
    rule('patch,update', 'pods/status'),
    rule('create', 'pods/eviction'),
    rule(READ, 'configmaps,secrets'),
    rule('create', 'serviceaccounts/token'),
    rule('create,delete,get,patch,update', 'leases', 'coordination.k8s.io'),
    rule('create,delete,get,patch,update', 'csinodes', 'storage.k8s.io'),
  ],
}

const role = (name: string, rules: readonly PolicyRule[]): Draft => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ClusterRole',
  metadata: { name, ...MARK },
  rules,
})

const binding = (name: string, subjects: readonly Draft[], roleName = name): Draft => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name, ...MARK },
  roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: roleName },
  subjects,
})

const group = (name: string): Draft => ({ apiGroup: GROUP, kind: 'Group', name })
const user = (name: string): Draft => ({ apiGroup: GROUP, kind: 'User', name })
const account = (name: string): Draft => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })

const AUTHENTICATED = group('system:authenticated')
const UNAUTHENTICATED = group('system:unauthenticated')

const BINDINGS: readonly Draft[] = [
  binding('cluster-admin', [group('system:masters')]),
  binding('system:basic-user', [AUTHENTICATED]),
  binding('system:discovery', [AUTHENTICATED]),
  binding('system:public-info-viewer', [AUTHENTICATED, UNAUTHENTICATED]),
  binding('system:kube-scheduler', [user('system:kube-scheduler')]),
  binding('system:node', [group('system:nodes')]),
  ...Object.keys(CONTROLLER_RULES).map((name) => binding(`system:controller:${name}`, [account(name)])),
]

/** Every role and binding, to be created in this order. */
export const bootstrapRoles: readonly Draft[] = [
  ...Object.entries(SYSTEM_RULES).map(([name, rules]) => role(name, rules)),
  ...Object.entries(CONTROLLER_RULES).map(([name, rules]) => role(`system:controller:${name}`, [...rules, ...EVENTS])),
  ...BINDINGS,
]
