/** What `kubectl describe namespace` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { askTyped, type Describe, itemsIn } from '../../../kubectl/describe/describer.ts'
import { field, headText, line, listAt, longTime, mapAt, textAt } from '../../../kubectl/describe/text.ts'
import type { TreeMap } from '../../../std/tree.ts'

function conditionsText(namespace: TreeMap): string {
  const conditions = listAt(namespace, 'status', 'conditions')
  if (conditions.length === 0) return ''
  const rows = conditions.map((one) =>
    line(
      1,
      [
        textAt(one, 'type'),
        textAt(one, 'status'),
        longTime(textAt(one, 'lastTransitionTime')),
        textAt(one, 'reason'),
        textAt(one, 'message'),
      ].join('\t'),
    ),
  )
  return `Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage\n  ----\t------\t------------------\t------\t-------\n${rows.join('')}`
}

function quotaText(quota: TreeMap): string {
  const hard = mapAt(quota, 'status', 'hard')
  const rows = Object.keys(hard)
    .sort()
    .map((name) => line(1, `${name}\t${textAt(quota, 'status', 'used', name)}\t${textAt(hard, name)}`))
  return `  Name:\t${textAt(quota, 'metadata', 'name')}\n  Resource\tUsed\tHard\n  --------\t---\t---\n${rows.join('')}`
}

function quotasText(quotas: readonly TreeMap[]): string {
  if (quotas.length === 0) return '\nNo resource quota.\n'
  return `\nResource Quotas\n${quotas.map(quotaText).join('\n')}`
}

const AMOUNTS = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio']

function limitRows(limit: TreeMap): string {
  const names = [...new Set(AMOUNTS.flatMap((part) => Object.keys(mapAt(limit, part))))].sort()
  return names
    .map(
      (name) =>
        ` ${[textAt(limit, 'type'), name, ...AMOUNTS.map((part) => textAt(limit, part, name) || '-')].join('\t')}\n`,
    )
    .join('')
}

function limitsText(ranges: readonly TreeMap[]): string {
  if (ranges.length === 0) return '\nNo LimitRange resource.\n'
  const rows = ranges.flatMap((range) => listAt(range, 'spec', 'limits').map(limitRows))
  return `\nResource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n ----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n${rows.join('')}`
}

export const describeNamespace: Describe = ({ session, object, chunk }) => {
  const path = `/api/v1/namespaces/${textAt(object, 'metadata', 'name')}`
  const quotas = itemsIn(askTyped(session, `${path}/resourcequotas`, { limit: chunk }))
  const ranges = itemsIn(askTyped(session, `${path}/limitranges`, { limit: chunk }))
  return [
    headText(object),
    field('Status', textAt(object, 'status', 'phase')),
    conditionsText(object),
    quotasText(quotas),
    limitsText(ranges),
  ].join('')
}
