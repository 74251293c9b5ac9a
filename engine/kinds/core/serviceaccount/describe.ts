/** What `kubectl describe serviceaccount` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { type Describe, eventsAbout } from '../../../kubectl/describe/describer.ts'
import { eventLines, headText, listAt } from '../../../kubectl/describe/text.ts'

function namesText(title: string, names: readonly string[]): string {
  if (names.length === 0) return `${title}\t<none>\n`
  return names.map((name, index) => `${index === 0 ? title : ' '.repeat(title.length)}\t${name}\n`).join('')
}

export const describeServiceAccount: Describe = (request) => {
  const { object, nowUnix } = request
  const pullSecrets = listAt(object, 'imagePullSecrets').map(({ name }) => String(name))
  return [
    headText(object),
    namesText('Image pull secrets:', pullSecrets),
    eventLines(eventsAbout(request), nowUnix),
  ].join('')
}
