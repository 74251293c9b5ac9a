/** What `kubectl describe serviceaccount` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { askTyped, type Describe, eventsAbout, itemsIn } from '../../../kubectl/describe/describer.ts'
import { eventLines, headText, listAt, textAt } from '../../../kubectl/describe/text.ts'
import type { TreeMap } from '../../../std/tree.ts'

function namesText(title: string, names: readonly string[]): string {
  if (names.length === 0) return `${title}\t<none>\n`
  return names.map((name, index) => `${index === 0 ? title : ' '.repeat(title.length)}\t${name}\n`).join('')
}

const isTokenOf = (secret: TreeMap, account: TreeMap): boolean =>
  secret.type === 'kubernetes.io/service-account-token' &&
  textAt(secret, 'metadata', 'annotations', 'kubernetes.io/service-account.name') === textAt(account, 'metadata', 'name') &&
  textAt(secret, 'metadata', 'annotations', 'kubernetes.io/service-account.uid') === textAt(account, 'metadata', 'uid')

export const describeServiceAccount: Describe = (request) => {
  const { session, object, nowUnix, chunk } = request
  const names = (field: string): readonly string[] => listAt(object, field).map(({ name }) => String(name))
  const secrets = itemsIn(askTyped(session, `/api/v1/namespaces/${textAt(object, 'metadata', 'namespace')}/secrets`, { limit: chunk }))
  const tokens = secrets.filter((secret) => isTokenOf(secret, object)).map((secret) => textAt(secret, 'metadata', 'name'))
  return [
    headText(object),
    namesText('Image pull secrets:', names('imagePullSecrets')),
    namesText('Mountable secrets: ', names('secrets')),
    namesText('Tokens:            ', tokens),
    eventLines(eventsAbout(request), nowUnix),
  ].join('')
}
