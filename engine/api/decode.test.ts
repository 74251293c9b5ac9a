import { expect, test } from 'vitest'
import { parseJson } from '../std/json.ts'
import { decode } from './decode.ts'

const pod = (spec: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec })
const errorOf = (value: unknown, type = 'core.v1.Pod'): string | undefined => decode(value, type, 'Warn').error

const STORED = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '100m' } } }] },
  status: {},
}

test('what needs no change is the very same', () => {
  expect(decode(STORED, 'core.v1.Pod', 'Strict').object).toBe(STORED)
})

test('only what lies above a change is new', () => {
  const sidecar = { name: 's', image: 'i', resources: {} }
  const changed = { ...STORED.spec.containers[0], resources: { limits: { cpu: '0.1' } } }
  const { object } = decode({ ...STORED, spec: { containers: [changed, sidecar] } }, 'core.v1.Pod', 'Strict')
  const { containers } = object.spec as typeof STORED.spec
  expect(containers[0]).toEqual(STORED.spec.containers[0])
  expect(containers[1]).toBe(sidecar)
  expect(object.metadata).toBe(STORED.metadata)
})

test('unknown fields go and are told with their place', () => {
  const { object, strictErrors, error } = decode(
    { ...pod({ containers: [{ name: 'c', resources: {}, img: 1 }], nope: 2 }), status: {} },
    'core.v1.Pod',
    'Strict',
  )
  expect(strictErrors).toEqual(['unknown field "spec.containers[0].img"', 'unknown field "spec.nope"'])
  expect(error).toBe(`strict decoding error: ${strictErrors.join(', ')}`)
  expect(object.spec).toEqual({ containers: [{ name: 'c', resources: {} }] })
})

test('fields that come twice are told where they come, among the unknown ones', () => {
  const text =
    '{"metadata":{"nope":1,"labels":{"a":"b","a":"c"},"name":"x"},"nope":1,"spec":{"paused":true,"paused":true}}'
  const parsed = parseJson(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  expect(decode(parsed.value, 'apps.v1.Deployment', 'Warn', parsed.duplicates).strictErrors).toEqual([
    'unknown field "metadata.nope"',
    'duplicate field "metadata.labels.a"',
    'unknown field "nope"',
    'duplicate field "spec.paused"',
  ])
  expect(decode(parsed.value, 'apps.v1.Deployment', 'Ignore', parsed.duplicates).strictErrors).toEqual([])
})

test.each([
  [{ hostname: 5 }, 'number into Go struct field PodSpec.spec.hostname of type string'],
  [{ containers: {} }, 'object into Go struct field PodSpec.spec.containers of type []v1.Container'],
  [{ containers: ['a'] }, 'string into Go struct field PodSpec.spec.containers of type v1.Container'],
  [{ priority: 2 ** 31 }, 'number 2147483648 into Go struct field PodSpec.spec.priority of type int32'],
  [{ restartPolicy: 1 }, 'number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy'],
  [{ nodeSelector: { a: 1 } }, 'number into Go struct field PodSpec.spec.nodeSelector of type string'],
  [
    { containers: [{ livenessProbe: { httpGet: { port: 1.5 } } }] },
    'number 1.5 into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32',
  ],
  [
    { containers: [{ resources: { limits: [] } }] },
    'array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList',
  ],
])('%j does not fit', (spec, wanted) => {
  expect(errorOf(pod(spec))).toBe(`json: cannot unmarshal ${wanted}`)
})

test('the first misfit is told, but a value that reads itself goes before it', () => {
  expect(errorOf(pod({ hostname: 1, subdomain: 2 }))).toContain('spec.hostname')
  expect(errorOf(pod({ hostname: 1, overhead: { cpu: 'x' } }))).toContain('quantities must match')
})

test('empty values go, pointers to them stay, and what is always written comes', () => {
  const { object } = decode(
    pod({ hostname: '', tolerations: [], securityContext: {}, containers: [{ workingDir: null }], priority: 0 }),
    'core.v1.Pod',
    'Warn',
  )
  expect(object.spec).toEqual({ securityContext: {}, containers: [{ name: '', resources: {} }], priority: 0 })
  expect(object.status).toEqual({})
  expect(decode({ rules: [] }, 'rbac.v1.Role', 'Warn').object).toEqual({ metadata: {}, rules: null })
})

test('null in a map or a list is the empty value', () => {
  expect(decode({ data: { a: null } }, 'core.v1.ConfigMap', 'Warn').object.data).toEqual({ a: '' })
  expect(decode({ data: null }, 'core.v1.ConfigMap', 'Warn').object).toEqual({ metadata: {} })
})

test('bytes take their canonical form, or the place of the mistake is told', () => {
  const decoded = (data: object) => decode({ data }, 'core.v1.Secret', 'Warn')
  expect(decoded({ a: 'YR==', b: 'YQ\n==' }).object.data).toEqual({ a: 'YQ==', b: 'YQ==' })
  expect(decoded({ a: 'not base64!' }).error).toBe('illegal base64 data at input byte 3')
  expect(decoded({ a: 'AA' }).error).toBe('illegal base64 data at input byte 0')
})

test('times are written in UTC, to the second or the microsecond', () => {
  const taint = (timeAdded: unknown) =>
    decode({ spec: { taints: [{ key: 'a', effect: 'NoSchedule', timeAdded }] } }, 'core.v1.Node', 'Warn')
  expect(taint('2024-01-02T03:04:05.9+02:00').object.spec).toMatchObject({
    taints: [{ timeAdded: '2024-01-02T01:04:05Z' }],
  })
  expect(taint('2024-02-30T00:00:00Z').error).toBe('parsing time "2024-02-30T00:00:00Z": day out of range')
  expect(taint('yesterday').error).toBe(
    'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
  )
  const renewed = (renewTime: string) => decode({ spec: { renewTime } }, 'coordination.v1.Lease', 'Warn')
  expect(renewed('2024-01-02T03:04:05.123456+02:00').object.spec).toEqual({ renewTime: '2024-01-02T01:04:05.123456Z' })
  expect(renewed('2024-01-02T03:04:05Z').error).toContain('cannot parse "Z" as ".000000"')
})

test('the schema of a custom resource may be one thing or another, and is not read strictly', () => {
  const schema = (openAPIV3Schema: object) =>
    decode(
      { spec: { versions: [{ schema: { openAPIV3Schema } }] } },
      'apiextensions.v1.CustomResourceDefinition',
      'Strict',
    )
  const { object, error } = schema({ type: 'object', additionalProperties: { nope: 1, type: 'string' }, items: [{}] })
  expect(error).toBeUndefined()
  expect(object.spec).toMatchObject({
    versions: [{ schema: { openAPIV3Schema: { additionalProperties: { type: 'string' }, items: [{}] } } }],
  })
  expect(schema({ additionalProperties: 5 }).error).toBe('boolean or JSON schema expected')
})
