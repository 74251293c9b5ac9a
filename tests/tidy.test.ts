/**
 * The house, checked: floors, words that engine code may not use, function length as a ratchet, and what a file and a
 * kind folder must have. Each test says how much it read, and fails when it read nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

const files = (folder: string, accept: (path: string) => boolean): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => normalize(join(folder, name)).split(sep).join('/'))
    .filter((path) => accept(path) && !path.includes('node_modules') && !path.includes('.generated.'))
    .sort()

const isSource = (path: string) => /\.tsx?$/.test(path) && !/\.test\.ts$|\.bench\.ts$/.test(path)
const engine = files('engine', isSource)
const sources = new Map(engine.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))

/** The first pattern that matches a path gives its floor. */
const FLOORS: readonly (readonly [RegExp, number])[] = [
  [/^engine\/kinds\/.*\/properties\.ts$/, 8],
  [/^engine\/kinds\/.*\/describe(\.ts$|\/|-)/, 5],
  [/^engine\/kinds\/describe/, 5],
  [/^engine\/kinds\/controllers\.ts$|^engine\/controllers\//, 5],
  [/^engine\/std\//, 0],
  [/^engine\/shell\//, 1],
  [/^engine\/api\//, 1],
  [/^engine\/etcd\//, 2],
  [/^engine\/apiserver\//, 3],
  [/^engine\/client\//, 4],
  [/^engine\/(scheduler|machine|dns|ingress|cloud|metrics)\//, 5],
  [/^engine\/cluster\//, 6],
  [/^engine\/kubectl\//, 5],
  [/^engine\/check\//, 8],
  [/^engine\/(index|worker)\.ts$/, 10],
]

/** In a kind folder, what a controller needs is on floor 5; what the API server needs is on floor 1. */
function floorOfKindFile(path: string): number {
  const source = sources.get(path) ?? ''
  return /from '(\.\.\/)+(client|dns|machine)\//.test(source) || reachesFloorFive(path, new Set()) ? 5 : 1
}

function reachesFloorFive(path: string, seen: Set<string>): boolean {
  if (seen.has(path)) return false
  seen.add(path)
  return importsOf(path).some(
    (target) =>
      /^engine\/(client|machine|dns)\//.test(target) ||
      (target.startsWith('engine/kinds/') && !/describe|properties/.test(target) && reachesFloorFive(target, seen)),
  )
}

function importsOf(path: string): string[] {
  const found = [...(sources.get(path) ?? '').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)]
  return found.map(([, target]) =>
    relative(ROOT, join(ROOT, dirname(path), target!))
      .split(sep)
      .join('/'),
  )
}

function floorOf(path: string): number {
  const rule = FLOORS.find(([pattern]) => pattern.test(path))
  if (rule) return rule[1]
  if (path.startsWith('engine/kinds/')) return floorOfKindFile(path)
  throw new Error(`${path} lies on no floor: add its room to FLOORS`)
}

test('a floor imports only from floors below it, or from its own room', () => {
  let looked = 0
  const upward: string[] = []
  for (const path of engine)
    for (const target of importsOf(path)) {
      if (target.includes('.generated.')) continue
      looked++
      if (floorOf(target) > floorOf(path))
        upward.push(`${path} (floor ${floorOf(path)}) imports ${target} (${floorOf(target)})`)
    }
  expect(looked).toBeGreaterThan(20)
  expect(upward).toEqual([])
})

const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b(?!\w)(?=\s*[.(]|\))/, 'Date: use `now` and engine/std/time.ts'],
  [/\bMath\.random\b/, 'Math.random: use a draw with a purpose'],
  [/\basync\b|\bawait\b|\bnew Promise\b/, 'async: put a fact on the agenda'],
  [/^\s*(export\s+)?(abstract\s+)?class\s/m, 'class: use plain data and functions'],
  [/\bexport default\b/, 'default export: use a named export'],
  [/\blocaleCompare\b|\btoLocale\w+|\bIntl\b/, 'locale: compare code units'],
  [/\bsetTimeout\b|\bsetInterval\b|\bconsole\.|\bprocess\./, 'outside world: the engine has none'],
  [/@ts-ignore|@ts-nocheck|biome-ignore-all/, 'silenced checker: say what is meant instead'],
]

const withoutComments = (source: string): string =>
  source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''")

test('the engine has no clock, die, promise, class or locale', () => {
  const found: string[] = []
  for (const [path, source] of sources)
    for (const [pattern, instead] of BANNED)
      if (pattern.test(withoutComments(source))) found.push(`${path}: ${instead}`)
  expect(sources.size).toBeGreaterThan(10)
  expect(found).toEqual([])
})

interface Measured {
  readonly path: string
  readonly name: string
  readonly lines: number
}

function functionsOf(path: string): Measured[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  const measured: Measured[] = []
  const visit = (node: ts.Node) => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const from = file.getLineAndCharacterOfPosition(node.getStart(file)).line
      const to = file.getLineAndCharacterOfPosition(node.end).line
      const name = node.name?.getText(file) ?? (node.parent as ts.NamedDeclaration).name?.getText(file) ?? 'anonymous'
      measured.push({ path, name, lines: to - from + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return measured
}

/** Functions that are longer than they should be. They may become shorter, never longer; no other may join them. */
const RATCHET: Readonly<Record<string, number>> = {
  'cli/live-world.ts liveWorld': 73,
  'lessons/site/components/FilesPane.tsx Editing': 81,
  'lessons/site/components/TimeBar.tsx TimeBar': 78,
  'lessons/site/page/terminal-screen.ts openTerminal': 148,
}

const isTooLong = ({ path, name, lines }: Measured): boolean => lines > (RATCHET[`${path} ${name}`] ?? 70)

test('functions are short: the median under six lines, none over seventy', () => {
  const all = ['engine', 'cli', 'lessons', 'tests', 'exercises'].flatMap((folder) => files(folder, isSource))
  const functions = all.flatMap(functionsOf)
  const lengths = functions.map(({ lines }) => lines).sort((a, b) => a - b)
  console.log(
    `tidy: read ${all.length} files with ${functions.length} functions, median ${lengths[lengths.length >> 1]} lines`,
  )
  expect(functions.length).toBeGreaterThan(100)
  expect(lengths[lengths.length >> 1]).toBeLessThan(6)
  expect(functions.filter(isTooLong)).toEqual([])
  expect(functions.filter(({ path, lines }) => path.startsWith('engine/') && lines > 70)).toEqual([])
})

test('every file of the engine opens by saying what it is for', () => {
  const silent = [...sources].filter(([, source]) => !source.startsWith('/**')).map(([path]) => path)
  expect(silent).toEqual([])
})

test('files are named for what they hold', () => {
  const vague = engine.filter(
    (path) => /(utils?|helpers?|manager|impl|misc|common)(\.ts|\/)/.test(path) || /[A-Z_]/.test(path),
  )
  expect(vague).toEqual([])
})

test('a kind folder that has a controller or a description also has its kind', () => {
  const folders = new Set(
    engine
      .filter((path) => /^engine\/kinds\/[^/]+\/[^/]+\//.test(path))
      .map((path) => path.split('/').slice(0, 4).join('/')),
  )
  const without = [...folders].filter((folder) => !engine.includes(`${folder}/kind.ts`))
  expect(folders.size).toBeGreaterThan(5)
  expect(without).toEqual([])
})

test('nothing names this machine', () => {
  const everything = ['engine', 'cli', 'lessons', 'tests', 'exercises'].flatMap((folder) =>
    files(folder, (path) => /\.(tsx?|mdx?|astro|css|ya?ml|sh|txt|mjs)$/.test(path)),
  )
  const machine = new RegExp(['/work/' + 'main', '/work/' + 'shared', '/root' + '/'].join('|'))
  const naming = everything.filter((path) => machine.test(readFileSync(join(ROOT, path), 'utf8')))
  expect(everything.length).toBeGreaterThan(20)
  expect(naming).toEqual([])
})
