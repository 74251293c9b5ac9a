/**
 * The examples of Kubernetes' own documentation: every Deployment, Service, ConfigMap and Pod among them is applied to a fresh cluster through
 * the terminal. What is not ready then is explained in `expectations.json` in the cluster's own words, and what is explained must not be ready.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { judge } from '../../cli/check/readiness.ts'
import { type Cluster, cluster } from '../../engine/index.ts'
import { minutes } from '../../engine/std/time.ts'
import { parseYamlDocuments } from './manifests.ts'

const CORPORA = process.env.CORPORA ?? fileURLToPath(new URL('../../../shared/corpora', import.meta.url))
const EXAMPLES = `${CORPORA}/website-examples`
const EXPECTATIONS = fileURLToPath(new URL('./expectations.json', import.meta.url))

const RESOURCES: Readonly<Record<string, string>> = {
  Deployment: 'deployments.apps',
  Service: 'services',
  ConfigMap: 'configmaps',
  Pod: 'pods',
}

interface Example {
  readonly path: string
  readonly text: string
  /** The objects of ours in it: `Deployment default/web`. */
  readonly objects: readonly { readonly kind: string; readonly key: string }[]
}

function readExample(path: string): Example {
  const text = readFileSync(`${EXAMPLES}/${path}`, 'utf8')
  const objects = parseYamlDocuments(text).flatMap(
    ({ kind = '', metadata: { name = '', namespace = 'default' } = {} }) =>
      Object.hasOwn(RESOURCES, kind) ? [{ kind, key: `${namespace}/${name}` }] : [],
  )
  return { path, text, objects }
}

const allExamples = (): readonly Example[] =>
  readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ya?ml|json)$/.test(path))
    .sort()
    .map(readExample)
    .filter(({ objects }) => objects.length > 0)

/** Without what differs from run to run. */
const lasting = (text: string): string =>
  text
    .replace(/Pod \S+(?: and \d+ more)?: /g, '')
    .replace(/back-off \S+ /g, 'back-off ')
    .replace(/pod=\S+/g, 'the Pod')
    .replace(/\([0-9a-f-]{36}\)/g, '')

/** Why objects of an example are not ready; nothing when they are. */
function unready(base: Cluster, { path, text, objects }: Example): readonly string[] {
  const { act, run, settle, world } = base.fork()
  const file = `example.${path.split('.').at(-1)}`
  act({ type: 'file/saved', terminal: 'main', path: `/home/learner/${file}`, text })
  const applied = run(`kubectl apply -f ${file}`)
  settle(minutes(3))
  const refused = applied.code === 0 ? [] : applied.err.trim().split('\n')
  const verdicts = objects.flatMap(({ kind, key }) => {
    const verdict = judge(world(), RESOURCES[kind]!, key)
    if (verdict.is === 'ready') return []
    const because = verdict.is === 'not ready' ? verdict.because : []
    if (refused.length > 0 && verdict.says.includes('deleted')) return []
    return [`${kind} ${key}: ${[verdict.says, ...because.slice(0, 1)].map(lasting).join(': ')}`]
  })
  return [...refused, ...verdicts]
}

describe.skipIf(!existsSync(EXAMPLES))('the examples of the documentation (CORPORA or ../shared/corpora)', () => {
  test('each is ready, or explained', { timeout: 600_000 }, () => {
    const base = cluster({ nodes: 3, seed: 1 })
    const examples = allExamples()
    expect(examples.length).toBeGreaterThan(100)
    const found = Object.fromEntries(
      examples.flatMap((example) => {
        const reasons = unready(base, example)
        return reasons.length > 0 ? [[example.path, reasons] as const] : []
      }),
    )
    if (process.env.UPDATE) writeFileSync(EXPECTATIONS, `${JSON.stringify(found, null, 2)}\n`)
    expect(found).toEqual(JSON.parse(readFileSync(EXPECTATIONS, 'utf8')))
  })

  test('the guestbook becomes ready and answers through its frontend', () => {
    const guestbook = cluster({ nodes: 3, seed: 1 })
    const parts = allExamples().filter(({ path }) => path.startsWith('application/guestbook/'))
    expect(parts).toHaveLength(6)
    for (const { path, text } of parts) {
      const file = path.split('/').at(-1)!
      guestbook.act({ type: 'file/saved', terminal: 'main', path: `/home/learner/${file}`, text })
      expect(guestbook.run(`kubectl apply -f ${file}`)).toMatchObject({ code: 0, err: '' })
    }
    guestbook.settle()
    for (const { objects } of parts)
      for (const { kind, key } of objects)
        expect(judge(guestbook.world(), RESOURCES[kind]!, key), `${kind} ${key}`).toEqual({ is: 'ready' })
    guestbook.run('kubectl run visitor --image=busybox:1.36 --command -- sleep 3600')
    guestbook.settle()
    const answer = guestbook.run('kubectl exec visitor -- wget -qO- http://frontend')
    expect(answer.err).toBe('')
    expect(answer.out).toContain('Guestbook')
  })
})
