import { expect, test } from 'vitest'
import { decodeBody } from './decode-body.ts'
import { servedKind } from './schema-table.ts'

const configMaps = servedKind('configmaps')!
const read = (text: string) => decodeBody({ text }, configMaps, 'Strict')

test('a body without kind and version is taken as the door’s own', () => {
  const wanted = { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }, strictErrors: [] }
  expect(read('{}')).toEqual(wanted)
  expect(read('null')).toEqual(wanted)
  expect(decodeBody({ value: {} }, configMaps, 'Strict')).toEqual(wanted)
})

test.each([
  ['', "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"],
  [
    '// c',
    "couldn't get version/kind; json parse error: invalid character '/' looking for beginning of value (2f2f2063)",
  ],
  [
    '{"apiVersion":1,"kind":"ConfigMap"}',
    'couldn\'t get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion of type string ({"apiVersion":1,"kind":"Config ...)',
  ],
  ['{"apiVersion":"a/b/c"}', 'unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})'],
])('%j is not recognized', (text, why) => {
  expect(read(text)).toEqual({ problem: `the object provided is unrecognized (must be of type ConfigMap): ${why}` })
})

test('another kind or version is refused', () => {
  expect(read('{"kind":"Nope"}')).toEqual({
    problem:
      'Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
  })
  expect(read('{"kind":"PodList"}')).toEqual({
    problem:
      'PodList in version "v1" cannot be handled as a ConfigMap: converting (v1.PodList) to (core.ConfigMap): unknown conversion',
  })
  const autoscalers = servedKind('horizontalpodautoscalers.autoscaling')!
  const text = '{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler"}'
  expect(decodeBody({ text }, autoscalers, 'Strict')).toEqual({
    problem: 'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
  })
})

test('what does not decode is told with kind and version', () => {
  expect(read('{"data":{"a":1.0}}')).toEqual({
    problem:
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  })
  expect(read('{"DATA":{}}')).toEqual({
    problem: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "DATA"',
  })
})
