import { expect, test } from 'vitest'
import type { FieldType } from './schema.ts'
import { allServed, allTypes, fieldAt, hasType, kindFor, kindOfObject, servedKind, typeOf } from './schema-table.ts'

const typesIn = (is: FieldType): readonly string[] =>
  'type' in is ? [is.type] : 'list' in is ? typesIn(is.list) : 'map' in is ? typesIn(is.map) : []

test('every type that a field names is in the table', () => {
  const named = allTypes().flatMap((type) => Object.values(typeOf(type).fields).flatMap(({ is }) => typesIn(is)))
  expect(named.length).toBeGreaterThan(600)
  expect(named.filter((type) => !hasType(type))).toEqual([])
})

test('every served kind has its type, and no two share a name', () => {
  const kinds = allServed()
  expect(kinds.length).toBe(68)
  expect(kinds.filter(({ type }) => !hasType(type))).toEqual([])
  expect(new Set(kinds.map(({ group, version, plural }) => `${group}/${version}/${plural}`)).size).toBe(kinds.length)
})

test('the preferred version is found first, the others by name', () => {
  expect(servedKind('horizontalpodautoscalers.autoscaling')?.version).toBe('v2')
  expect(servedKind('horizontalpodautoscalers.autoscaling', 'v1')?.version).toBe('v1')
  expect(kindFor('apps', 'v1', 'Deployment')).toBe(servedKind('deployments.apps'))
  expect(kindOfObject('v1', 'Pod')?.shortNames).toEqual(['po'])
  expect(kindFor('apps', 'v1beta1', 'Deployment')).toBeUndefined()
})

test('a path leads through lists, maps and structs', () => {
  expect(fieldAt('core.v1.Pod', ['spec', 'containers', 'image'])?.is).toEqual({ scalar: 'string' })
  expect(fieldAt('core.v1.Pod', ['spec', 'containers', '0', 'resources', 'limits'])?.is).toMatchObject({
    map: { scalar: 'quantity' },
  })
  expect(fieldAt('core.v1.Pod', ['spec', 'nope'])).toBeUndefined()
})

test('a field knows how it merges and how it is written', () => {
  const { ports, name, volumeMounts } = typeOf('core.v1.Container').fields
  expect(ports).toMatchObject({ listType: 'map', listKeys: ['containerPort', 'protocol'], patchKey: 'containerPort' })
  expect(name).toEqual({ is: { scalar: 'string' }, required: true, presence: 'always', number: 1 })
  expect(volumeMounts?.number).toBe(9)
  expect(typeOf('core.v1.Probe').fields.httpGet?.embedded).toBe('ProbeHandler')
  expect(typeOf('core.v1.ContainerPort').fields.protocol?.default).toBe('TCP')
  expect(typeOf('meta.v1.LabelSelector').atomic).toBe(true)
})
