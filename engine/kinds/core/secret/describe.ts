/** What `kubectl describe secret` shows: sizes, not values. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import type { Describe } from '../../../kubectl/describe/describer.ts'
import { field, headText, mapAt, textAt } from '../../../kubectl/describe/text.ts'
import { base64Length, textOfBase64 } from '../../../std/base64.ts'

const TOKEN_TYPE = 'kubernetes.io/service-account-token'

export const describeSecret: Describe = ({ object }) => {
  const data = mapAt(object, 'data')
  const isToken = object.type === TOKEN_TYPE
  const rows = Object.keys(data)
    .sort()
    .map((key) => {
      const value = textAt(data, key)
      return field(key, isToken && key === 'token' ? textOfBase64(value) : `${base64Length(value)} bytes`)
    })
  return `${headText(object)}\nType:\t${textAt(object, 'type')}\n\nData\n====\n${rows.join('')}`
}
