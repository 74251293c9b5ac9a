/**
 * `npm run bench`: measures the engine against its yardsticks on this machine, in this run. Every figure is CPU time of a child process; the
 * sides are taken in turn, round after round, and the best round of each side counts, because other work on the machine can
 * only make a round worse.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { startProgress } from '../progress.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const YARDSTICKS = process.env.YARDSTICKS ?? join(ROOT, '../shared/bench')
const FLOOR = join(YARDSTICKS, 'floor.mjs')
const PEER = join(YARDSTICKS, 'peer-webernetes.mjs')

const HELP = `usage: npm run bench -- [--only G1,G5] [--json] [--nodes N] [--pods N] [--rounds N]

Measures the engine and prints how it stands to its goals:
  G1    a large cluster brought up until all Pods are ready: CPU against the least work it can be (floor.mjs objects)
  G3    how the CPU grows from a fifteenth of that cluster to the whole of it: the exponent
  G5    400 Pods on 3 nodes: CPU of the peer @ngrok/webernetes against ours, both bundled, both started cold
  G7    heap for each running Pod of the large cluster, everything included
  G9    property runs a second: 3 nodes, 10 Pods, 200 facts, every invariant
  size  the engine bundled, minified and compressed

  --only LIST   only these, separated by commas
  --json        one JSON object on standard output: {"G1": ratio, ...}
  --nodes N     nodes of the large cluster; 5000 when not given
  --pods N      Pods of the large cluster; 150000 when not given
  --rounds N    rounds of the short measurements; 3 when not given. The large cluster is brought up once

G1 needs floor.mjs and G5 needs peer-webernetes.mjs; they are looked for in the folder that the environment variable
YARDSTICKS names, or in ../shared/bench.
`

type Figures = Readonly<Record<string, number>>

/** A side of a comparison: how it is started, and which of the figures it prints is the one to be kept small. */
interface Side {
  readonly name: string
  readonly args: readonly string[]
  readonly cost: (figures: Figures) => number
}

interface Sizes {
  readonly nodes: number
  readonly pods: number
  readonly rounds: number
}

interface Result {
  readonly value: number
  readonly details: string
}

/** Undefined result: it could not be measured, and `details` says why. */
type Measured = Result | { readonly value: undefined; readonly details: string }

type Say = (text: string) => void

interface Goal {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly must: number
  readonly stretch: number
  readonly better: 'lower' | 'higher'
  readonly measure: (sizes: Sizes, say: Say) => Promise<Measured>
}

// ---- children ----

/** The last line that a child prints is one JSON object of figures. */
function figuresOf(name: string, out: string): Figures {
  const last = out
    .trim()
    .split('\n')
    .findLast((line) => line.startsWith('{'))
  if (!last) throw new Error(`${name} printed no figures`)
  return JSON.parse(last) as Figures
}

function runChild({ name, args }: Side): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(figuresOf(name, out))
      else
        reject(
          new Error(
            `${name} ended with ${code}: ${err.trim().split('\n').slice(-5).join(' | ') || out.trim().slice(-300)}`,
          ),
        )
    })
  })
}

/** The best figures of each side, the sides taken in turn. */
async function inTurn(sides: readonly Side[], rounds: number, say: Say): Promise<readonly Figures[]> {
  const best: (Figures | undefined)[] = sides.map(() => undefined)
  for (let round = 1; round <= rounds; round++)
    for (const [index, side] of sides.entries()) {
      say(`${side.name}, round ${round} of ${rounds}`)
      const figures = await runChild(side)
      const known = best[index]
      if (!known || side.cost(figures) < side.cost(known)) best[index] = figures
    }
  return best.map((figures) => figures!)
}

const bench = (name: string): string => join(ROOT, 'tests/bench', `${name}.ts`)

const figure =
  (name: string) =>
  (figures: Figures): number =>
    figures[name]!

const LARGE_HEAP = '--max-old-space-size=12288'

const bringUp = (nodes: number, pods: number): Side => ({
  name: `kubefold: ${pods} Pods on ${nodes} nodes`,
  args: ['--expose-gc', LARGE_HEAP, bench('bring-up'), String(nodes), String(pods)],
  cost: figure('cpuMs'),
})

const floor = (nodes: number, pods: number): Side => ({
  name: `floor: ${pods} Pods on ${nodes} nodes`,
  args: ['--expose-gc', FLOOR, 'objects', String(nodes), String(pods), 'json'],
  cost: figure('cpuMs'),
})

/** Bringing up the same cluster serves several goals. */
const broughtUp = new Map<string, Promise<Figures>>()

function bringUpOnce(nodes: number, pods: number, say: Say): Promise<Figures> {
  const side = bringUp(nodes, pods)
  const known = broughtUp.get(side.name)
  if (known) return known
  say(side.name)
  const figures = runChild(side)
  broughtUp.set(side.name, figures)
  return figures
}

// ---- goals ----

const inSeconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`

const absent = (file: string): Measured => ({
  value: undefined,
  details: `not measured: ${file} is absent (set YARDSTICKS to the folder that holds it)`,
})

async function againstFloor({ nodes, pods, rounds }: Sizes, say: Say): Promise<Measured> {
  if (!existsSync(FLOOR)) return absent(FLOOR)
  const [before] = await inTurn([floor(nodes, pods)], rounds, say)
  const ours = await bringUpOnce(nodes, pods, say)
  const [after] = await inTurn([floor(nodes, pods)], rounds, say)
  const least = Math.min(before!.cpuMs!, after!.cpuMs!)
  const perPod = Math.round((ours.cpuMs! * 1000) / pods)
  const details = `${inSeconds(ours.cpuMs!)} against ${inSeconds(least)}; ${perPod} us and ${(ours.writes! / pods).toFixed(1)} writes a Pod`
  return { value: ours.cpuMs! / least, details }
}

const SMALLER = 15

async function exponent({ nodes, pods }: Sizes, say: Say): Promise<Measured> {
  const [fewNodes, fewPods] = [Math.ceil(nodes / SMALLER), Math.ceil(pods / SMALLER)]
  const few = await bringUpOnce(fewNodes, fewPods, say)
  const many = await bringUpOnce(nodes, pods, say)
  const details = `${inSeconds(few.cpuMs!)} for ${fewPods} Pods, ${inSeconds(many.cpuMs!)} for ${pods}`
  return { value: Math.log(many.cpuMs! / few.cpuMs!) / Math.log(pods / fewPods), details }
}

const PEER_NODES = 3
const PEER_PODS = 400

const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

async function bundled(entry: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    nodePaths: [join(ROOT, 'node_modules')],
    banner: { js: REQUIRE },
    logLevel: 'error',
  })
  return outfile
}

/** The peer tells seconds of its phase `deploy`. */
async function againstPeer({ rounds }: Sizes, say: Say): Promise<Measured> {
  if (!existsSync(PEER)) return absent(PEER)
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const ours = await bundled(bench('small-cluster'), join(folder, 'ours.mjs'))
    const peer = await bundled(PEER, join(folder, 'peer.mjs'))
    const sides: readonly Side[] = [
      { name: 'kubefold: 400 Pods', args: [ours, String(PEER_NODES), String(PEER_PODS)], cost: figure('cpuMs') },
      {
        name: 'peer: 400 Pods',
        args: [peer, String(PEER_PODS), String(PEER_NODES), '600', 'deploy'],
        cost: figure('cpu_s'),
      },
    ]
    const [own, others] = await inTurn(sides, rounds, say)
    const details = `${inSeconds(own!.cpuMs!)} against the peer's ${inSeconds(others!.cpu_s! * 1000)}`
    return { value: (others!.cpu_s! * 1000) / own!.cpuMs!, details }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function heap({ nodes, pods }: Sizes, say: Say): Promise<Measured> {
  const { heapPerPod } = await bringUpOnce(nodes, pods, say)
  return { value: heapPerPod! / 1024, details: `${heapPerPod} bytes with ${pods} Pods` }
}

async function propertyRuns({ rounds }: Sizes, say: Say): Promise<Measured> {
  const side: Side = { name: 'property runs', args: [bench('property-runs')], cost: (told) => -told.runsPerSecond! }
  const [best] = await inTurn([side], rounds, say)
  return { value: best!.runsPerSecond!, details: `${best!.factsPerRun} facts a run` }
}

async function engineSize(_sizes: Sizes, say: Say): Promise<Measured> {
  say('the size of the engine')
  const { bytes, gzipBytes } = await runChild({ name: 'size', args: [bench('size')], cost: figure('gzipBytes') })
  return { value: gzipBytes! / 1000, details: `${Math.round(bytes! / 1000)} kB before compression` }
}

const GOALS: readonly Goal[] = [
  {
    name: 'G1',
    title: 'bring-up against the floor',
    unit: 'x',
    must: 15,
    stretch: 6,
    better: 'lower',
    measure: againstFloor,
  },
  { name: 'G3', title: 'exponent of growth', unit: '', must: 1.1, stretch: 1.03, better: 'lower', measure: exponent },
  {
    name: 'G5',
    title: 'the peer against us',
    unit: 'x',
    must: 50,
    stretch: 200,
    better: 'higher',
    measure: againstPeer,
  },
  { name: 'G7', title: 'heap per Pod', unit: ' KiB', must: 2.5, stretch: 1.2, better: 'lower', measure: heap },
  {
    name: 'G9',
    title: 'property runs a second',
    unit: '',
    must: 1000,
    stretch: 3000,
    better: 'higher',
    measure: propertyRuns,
  },
  {
    name: 'size',
    title: 'engine, compressed',
    unit: ' kB',
    must: 140,
    stretch: 100,
    better: 'lower',
    measure: engineSize,
  },
]

// ---- the report ----

const meets = ({ better }: Goal, value: number, bound: number): boolean =>
  better === 'lower' ? value <= bound : value >= bound

function verdictOf(goal: Goal, value: number): string {
  if (meets(goal, value, goal.stretch)) return 'stretch met'
  return meets(goal, value, goal.must) ? 'met' : 'NOT MET'
}

const rounded = (value: number): number => Number(value.toPrecision(value < 10 ? 3 : 4))

function rowOf(goal: Goal, { value, details }: Measured): readonly string[] {
  const sign = goal.better === 'lower' ? '<=' : '>='
  const bounds = [`${sign} ${goal.must}${goal.unit}`, `${sign} ${goal.stretch}${goal.unit}`]
  if (value === undefined) return [goal.name, goal.title, '-', ...bounds, 'unknown', details]
  return [goal.name, goal.title, `${rounded(value)}${goal.unit}`, ...bounds, verdictOf(goal, value), details]
}

const HEADINGS = ['goal', 'what', 'measured', 'must', 'stretch', '', 'details']

function tableOf(rows: readonly (readonly string[])[]): string {
  const all = [HEADINGS, ...rows]
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const loadNow = (): string =>
  `load of the machine: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`

async function measureAll(goals: readonly Goal[], sizes: Sizes, json: boolean): Promise<void> {
  const progress = startProgress()
  const say: Say = (text) => progress.note(() => text)
  const loadBefore = loadNow()
  const rows: (readonly string[])[] = []
  const values: Record<string, number | null> = {}
  for (const goal of goals) {
    const measured = await goal.measure(sizes, (text) => say(`${goal.name}: ${text}`))
    if (measured.value === undefined) process.stderr.write(`${goal.name}: ${measured.details}\n`)
    values[goal.name] = measured.value === undefined ? null : rounded(measured.value)
    rows.push(rowOf(goal, measured))
  }
  progress.end()
  if (json) console.log(JSON.stringify(values))
  else
    console.log(
      `${tableOf(rows)}\n\n${loadBefore} before, ${loadNow()} after; CPU time of children, best of ${sizes.rounds}`,
    )
}

function goalsNamed(only: string | undefined): readonly Goal[] {
  if (only === undefined) return GOALS
  return only.split(',').map((name) => {
    const goal = GOALS.find((one) => one.name.toLowerCase() === name.trim().toLowerCase())
    if (!goal) throw new Error(`--only ${name}: there are ${GOALS.map((one) => one.name).join(', ')}`)
    return goal
  })
}

function countOf(name: string, text: string | undefined, otherwise: number): number {
  const count = Number(text ?? otherwise)
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${name} ${text}: a whole number above zero is needed`)
  return count
}

try {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      only: { type: 'string' },
      nodes: { type: 'string' },
      pods: { type: 'string' },
      rounds: { type: 'string' },
    },
  })
  const sizes = {
    nodes: countOf('nodes', values.nodes, 5000),
    pods: countOf('pods', values.pods, 150_000),
    rounds: countOf('rounds', values.rounds, 3),
  }
  if (values.help) console.log(HELP)
  else await measureAll(goalsNamed(values.only), sizes, values.json ?? false)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
