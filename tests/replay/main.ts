/**
 * `npm run replay -- DIR… [--json] [--only PART] [--failures N]`: replays recordings of a real cluster and says how much of them agrees.
 * DIR is a folder laid out like the recordings, or one part of it.
 */
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Replay, ReplayedItem } from './replay.ts'

/** Loaded one at a time: a part's replayer is large, and most runs want one. */
const PARTS: Readonly<Record<string, () => Promise<Replay>>> = {
  api: async () => (await import('./api.ts')).replayApi,
  objects: async () => (await import('./objects.ts')).replayObjects,
  scheduler: async () => (await import('./scheduler.ts')).replayScheduler,
  controllers: async () => (await import('./controllers.ts')).replayControllers,
  kubectl: async () => (await import('./kubectl.ts')).replayKubectl,
  node: async () => (await import('./node.ts')).replayNode,
  network: async () => (await import('./network.ts')).replayNetwork,
}

const USAGE = `Usage: npm run replay -- DIR… [options]

Replays recordings of a real cluster and prints how many items agree, by part and area.
DIR is a folder that holds ${Object.keys(PARTS).join(', ')} or some of them, or is one of them.

  --only PART[/AREA]  replay only this part, or this area of it (repeatable)
  --failures N        print the first N differences of each area
  --json              print one JSON object {"part area": {"agree": n, "total": n}, …}
  --help              this text`

interface Share {
  agree: number
  total: number
  readonly differences: string[]
}

/** The parts found in a folder, with the folder of each. */
function partsIn(directory: string): [string, string][] {
  const path = resolve(directory)
  if (basename(path) in PARTS) return [[basename(path), path]]
  return Object.keys(PARTS)
    .map((part): [string, string] => [part, join(path, part)])
    .filter(([, folder]) => existsSync(folder))
}

function count(shares: Map<string, Share>, part: string, item: ReplayedItem): void {
  const name = `${part} ${item.area}`
  const share = shares.get(name) ?? { agree: 0, total: 0, differences: [] }
  shares.set(name, share)
  share.total++
  if (item.agrees) share.agree++
  else share.differences.push(`${item.id}: ${item.difference ?? 'differs'}`)
}

const wanted = (only: readonly string[], part: string, area?: string): boolean =>
  only.length === 0 ||
  only.some((name) => name === part || (area ? name === `${part}/${area}` : name.startsWith(`${part}/`)))

async function replayAll(directories: readonly string[], only: readonly string[]): Promise<Map<string, Share>> {
  const shares = new Map<string, Share>()
  for (const [part, folder] of directories.flatMap(partsIn)) {
    if (!wanted(only, part)) continue
    process.stderr.write(`replaying ${part}…\n`)
    const replay = await PARTS[part]!()
    for (const item of replay(folder)) if (wanted(only, part, item.area)) count(shares, part, item)
  }
  return shares
}

function report(shares: Map<string, Share>, failures: number): void {
  for (const [name, { agree, total, differences }] of shares) {
    console.log(`${name} ${agree}/${total}`)
    for (const difference of differences.slice(0, failures)) console.log(`    ${difference}`)
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true, default: [] },
    failures: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || positionals.length === 0) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 2)
}
const shares = await replayAll(positionals, values.only)
const agree = [...shares.values()].reduce((sum, share) => sum + share.agree, 0)
const total = [...shares.values()].reduce((sum, share) => sum + share.total, 0)
if (values.json)
  console.log(
    JSON.stringify(
      Object.fromEntries([...shares].map(([name, share]) => [name, { agree: share.agree, total: share.total }])),
    ),
  )
else {
  report(shares, Number(values.failures))
  if (total === 0) console.error('Nothing was replayed: none of these folders holds a recording that is known here.')
  console.log(`${agree} passed, ${total - agree} failed`)
}
process.exit(total === 0 ? 2 : 0)
