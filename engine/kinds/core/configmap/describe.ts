/** What `kubectl describe configmap` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { type Describe, eventsAbout } from '../../../kubectl/describe/describer.ts'
import { eventLines, headText, mapAt, textAt } from '../../../kubectl/describe/text.ts'
import { base64Length } from '../../../std/base64.ts'

export const describeConfigMap: Describe = (request) => {
  const { object, nowUnix } = request
  const data = mapAt(object, 'data')
  const binary = mapAt(object, 'binaryData')
  const entries = Object.keys(data)
    .sort()
    .map((key) => `${key}:\n----\n${textAt(data, key)}\n\n`)
  const binaries = Object.keys(binary)
    .sort()
    .map((key) => `${key}: ${base64Length(textAt(binary, key))} bytes\n`)
  return [
    headText(object),
    '\nData\n====\n',
    ...entries,
    '\nBinaryData\n====\n',
    ...binaries,
    '\n',
    eventLines(eventsAbout(request), nowUnix),
  ].join('')
}
