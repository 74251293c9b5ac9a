/** Decoding compared with what a real API server said, where recordings of one lie beside the project. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseJson } from '../std/json.ts'
import { decodeBody } from './decode-body.ts'
import { aggregatedDiscovery, apiResourceList } from './discovery.ts'
import type { ServedKind } from './schema.ts'
import { allServed, splitGroupVersion } from './schema-table.ts'

const directory = process.env.RECORDINGS ?? join(import.meta.dirname, '../../../shared/recordings')
const recorded = test.skipIf(!existsSync(directory))

interface Item {
  readonly id: string
  readonly path: string
  readonly request: unknown
  readonly status: number
  readonly stored?: unknown
  readonly body?: { readonly message: string }
}

function parsed(text: string): unknown {
  const result = parseJson(text)
  if ('problem' in result) throw new Error(result.problem)
  return result.value
}

const items = (): readonly Item[] =>
  readdirSync(join(directory, 'objects'))
    .filter((file) => file.startsWith('defaults'))
    .flatMap((file) => readFileSync(join(directory, 'objects', file), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => parsed(line) as Item)

const PATH = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/[^/]+)?\/([^/?]+)/

function kindAt(path: string): ServedKind {
  const [, core, groupVersion, plural] = PATH.exec(path)!
  const [version, group] = splitGroupVersion((core ?? groupVersion)!)
  return allServed().find((kind) => kind.group === group && kind.version === version && kind.plural === plural)!
}

recorded('what was stored decodes to itself, and what was refused as undecodable is refused in the same words', () => {
  let stored = 0
  let refused = 0
  for (const { id, path, request, status, stored: object, body } of items()) {
    const decoded = (value: unknown) => decodeBody({ value }, kindAt(path), 'Warn')
    if (status === 201) {
      expect(decoded(request), id).not.toHaveProperty('problem')
      expect(decoded(object), id).toHaveProperty('strictErrors', [])
      stored++
    } else if (status === 400) {
      expect(decoded(request), id).toEqual({ problem: body!.message })
      refused++
    }
  }
  expect(stored).toBeGreaterThan(500)
  expect(refused).toBeGreaterThan(30)
})

interface Step {
  readonly request: { readonly path: string }
  readonly response: { readonly body: unknown }
}

const conversation = (file: string): Step =>
  JSON.parse(readFileSync(join(directory, 'api/discovery', file), 'utf8')).steps[0] as Step

recorded('discovery is what a real server answers', () => {
  const lists = readdirSync(join(directory, 'api/discovery')).filter((file) => /^apis?_.*v\d\.json$/.test(file))
  expect(lists.length).toBeGreaterThan(3)
  for (const file of lists) {
    const { request, response } = conversation(file)
    const [version, group] = splitGroupVersion(request.path.replace(/^\/apis?\//, ''))
    expect(apiResourceList(group, version), file).toEqual(response.body)
  }
  expect(aggregatedDiscovery('/api')).toEqual(conversation('aggregated_api.json').response.body)
})
