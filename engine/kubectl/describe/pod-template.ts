/** A Pod template in the description of what owns it. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { type TreeMap, treeAt } from '../../std/tree.ts'
import { containersText } from './containers.ts'
import { annotationsText, labelLines, labelSelectorText, line, listAt, mapAt, textAt, tolerationLines } from './text.ts'
import { volumesText } from './volumes.ts'

const byKeys = (a: TreeMap, b: TreeMap): number => {
  const [left, right] = [a, b].map(
    (one) => `${textAt(one, 'topologyKey')} ${textAt(one, 'whenUnsatisfiable')} ${textAt(one, 'maxSkew')}`,
  )
  return left! < right! ? -1 : left! > right! ? 1 : 0
}

export function spreadLines(constraints: readonly TreeMap[], space: string): string {
  if (constraints.length === 0) return ''
  const rows = [...constraints].sort(byKeys).map((one, index) => {
    const selector = one.labelSelector === undefined ? '' : ` for selector ${labelSelectorText(one.labelSelector)}`
    const title = index === 0 ? 'Topology Spread Constraints:' : ''
    return `${index === 0 ? space : ''}${title}\t${textAt(one, 'topologyKey')}:${textAt(one, 'whenUnsatisfiable')} when max skew ${textAt(one, 'maxSkew')} is exceeded${selector}\n`
  })
  return rows.join('')
}

export function podTemplateText(template: TreeMap | undefined): string {
  if (template === undefined) return 'Pod Template:\n  <unset>'
  const spec = mapAt(template, 'spec')
  const inits = listAt(spec, 'initContainers')
  const annotations = mapAt(template, 'metadata', 'annotations')
  return [
    'Pod Template:\n',
    labelLines('  Labels', treeAt(template, 'metadata', 'labels')),
    Object.keys(annotations).length > 0 ? annotationsText('  Annotations', annotations) : '',
    spec.serviceAccountName ? line(1, `Service Account:\t${textAt(spec, 'serviceAccountName')}`) : '',
    inits.length > 0 ? containersText('Init Containers', inits, { nested: true }) : '',
    containersText('Containers', listAt(spec, 'containers'), { nested: true }),
    volumesText(listAt(spec, 'volumes'), '  '),
    spreadLines(listAt(spec, 'topologySpreadConstraints'), '  '),
    spec.priorityClassName ? line(1, `Priority Class Name:\t${textAt(spec, 'priorityClassName')}`) : '',
    labelLines('  Node-Selectors', spec.nodeSelector),
    tolerationLines('  Tolerations', listAt(spec, 'tolerations')),
  ].join('')
}
