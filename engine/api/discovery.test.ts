import { expect, test } from 'vitest'
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, storageVersionHash } from './discovery.ts'
import { openapiDocument, openapiIndex } from './openapi.ts'
import { allServed, servedKind } from './schema-table.ts'

type Tree = { readonly [name: string]: Tree }
const tree = (value: unknown): Tree => value as Tree

test('both forms of discovery tell the same resources', () => {
  const items = ['/api', '/apis'].flatMap((root) => aggregatedDiscovery(root as '/api').items as Tree[])
  const aggregated = items.flatMap(({ metadata, versions }) =>
    (versions as unknown as { version: string; resources: { resource: string }[] }[]).flatMap(
      ({ version, resources }) =>
        resources.map(({ resource }) => `${tree(metadata).name ?? ''}/${version}/${resource}`),
    ),
  )
  const listed = [...new Set(allServed().map(({ group, version }) => `${group}/${version}`))].flatMap((name) => {
    const [group, version] = name.split('/') as [string, string]
    const resources = apiResourceList(group, version)!.resources as { name: string }[]
    return resources.filter((resource) => !resource.name.includes('/')).map((resource) => `${name}/${resource.name}`)
  })
  expect(aggregated).toEqual(listed)
  expect(listed.length).toBe(allServed().length)
})

test('a group names its versions, the preferred one first', () => {
  expect(apiGroup('autoscaling')).toMatchObject({
    preferredVersion: { version: 'v2' },
    versions: [{}, { version: 'v1' }],
  })
  expect(apiGroup('nope')).toBeUndefined()
  expect(apiResourceList('apps', 'v2')).toBeUndefined()
  expect((apiGroupList().groups as unknown[]).length).toBe(20)
})

test('the hash of a stored version is upstream’s', () => {
  expect(storageVersionHash(servedKind('configmaps')!)).toBe('qFsyl6wFWjQ=')
  expect(storageVersionHash(servedKind('horizontalpodautoscalers.autoscaling', 'v1')!)).toBe('qwQve8ut294=')
})

test('every reference in an OpenAPI document leads somewhere', () => {
  let seen = 0
  for (const { group, version } of allServed()) {
    const text = JSON.stringify(openapiDocument(group, version))
    const schemas = tree(tree(openapiDocument(group, version)).components).schemas!
    for (const [, name] of text.matchAll(/#\/components\/schemas\/([^"]+)/g)) {
      seen++
      expect(Object.hasOwn(schemas, name!), `${name} in ${group}/${version}`).toBe(true)
    }
  }
  expect(seen).toBeGreaterThan(10_000)
})

test('kubectl finds in it that fields are validated, and what they are for', () => {
  const document = tree(openapiDocument('apps', 'v1', { 'apps.v1.DeploymentSpec': { replicas: 'How many.' } }))
  const patch = document.paths!['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!.patch!
  expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' })
  expect(patch.parameters).toContainEqual(expect.objectContaining({ name: 'fieldValidation' }))
  const spec = document.components!.schemas!['io.k8s.api.apps.v1.DeploymentSpec']!.properties!
  expect(spec.replicas).toEqual({ description: 'How many.', type: 'integer', format: 'int32' })
  expect(Object.keys(openapiIndex().paths as object)).toContain('apis/apps/v1')
  expect(openapiDocument('apps', 'v2')).toBeUndefined()
})
