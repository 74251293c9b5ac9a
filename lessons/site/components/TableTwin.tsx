/** The map as tables: the same cluster for screen readers, for phones, and for those who like rows. */

import { type Selection, select } from '../page/connection.ts'
import type { Strings } from '../page/strings.ts'
import { useScene } from '../page/use-shown.ts'
import type { Scene } from '../worker/scene.ts'
import { LOOK_SENTENCES } from './ClusterMap.tsx'

interface Row {
  readonly chosen: Selection
  readonly cells: readonly (string | number)[]
}

interface Sheet {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

const shortKey = (key: string): string => (key.startsWith('default/') ? key.slice(8) : key)

function sheetsOf(scene: Scene, words: Strings): readonly Sheet[] {
  return [
    {
      title: words.nodes,
      columns: [words.name, words.status, words.address],
      rows: scene.nodes.map((node) => ({
        chosen: { resource: 'nodes', key: node.name },
        cells: [
          node.name,
          !node.powered
            ? words.powerOff
            : !node.ready
              ? words.notReady
              : node.cordoned
                ? words.cordoned
                : words.lookReady,
          node.address,
        ],
      })),
    },
    {
      title: words.deployments,
      columns: [words.name, words.ready],
      rows: scene.deployments.map((one) => ({
        chosen: { resource: 'deployments.apps', key: one.key },
        cells: [shortKey(one.key), `${one.ready}/${one.wanted}`],
      })),
    },
    {
      title: words.replicaSets,
      columns: [words.name, words.ready, words.owner],
      rows: scene.replicaSets.map((one) => ({
        chosen: { resource: 'replicasets.apps', key: one.key },
        cells: [shortKey(one.key), `${one.ready}/${one.wanted}`, one.owner || words.none],
      })),
    },
    {
      title: words.pods,
      columns: [words.name, words.ready, words.status, words.restarts, words.node, words.address],
      rows: scene.pods.map((pod) => ({
        chosen: { resource: 'pods', key: pod.key },
        cells: [
          shortKey(pod.key),
          pod.ready,
          `${pod.says} (${words[LOOK_SENTENCES[pod.look]]})`,
          pod.restarts,
          pod.node || words.none,
          pod.ip || words.none,
        ],
      })),
    },
    {
      title: words.services,
      columns: [words.name, words.type, words.address, words.ports, words.endpoints],
      rows: scene.services.map((one) => ({
        chosen: { resource: 'services', key: one.key },
        cells: [
          shortKey(one.key),
          one.type,
          one.address,
          one.ports,
          one.endpoints
            .filter(({ ready }) => ready)
            .map(({ pod }) => shortKey(pod))
            .join(', ') || words.none,
        ],
      })),
    },
  ]
}

function SheetTable({ sheet }: { readonly sheet: Sheet }) {
  return (
    <table>
      <caption>{sheet.title}</caption>
      <thead>
        <tr>
          {sheet.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sheet.rows.map(({ chosen, cells: [name, ...cells] }) => (
          <tr key={chosen.key}>
            <th scope="row">
              <button type="button" class="plain" onClick={() => select(chosen)}>
                {name}
              </button>
            </th>
            {cells.map((cell, at) => (
              <td key={sheet.columns[at + 1]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function TableTwin({ words }: { readonly words: Strings }) {
  const scene = useScene()
  if (!scene) return <p class="opening">{words.opening}</p>
  const sheets = sheetsOf(scene, words).filter(({ rows }) => rows.length > 0)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="tables" aria-label={words.table} tabIndex={0}>
      {sheets.map((sheet) => (
        <SheetTable key={sheet.title} sheet={sheet} />
      ))}
    </section>
  )
}
