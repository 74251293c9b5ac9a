/**
 * `npm run build`: the library and the course as static files below `dist/`. Descriptions of fields, which only `kubectl explain` prints, become a
 * file of their own that is loaded when somebody asks.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { buildLibrary } from './build-library.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SITE = join(ROOT, 'dist/site')

const HELP = `usage: npm run build [-- --verbose]

Builds dist/kubefold.js (the library) and dist/site (the course).
  --verbose   show everything the builders say
`

/** The engine's worker must stay small: everything else on the page waits for it. */
const ENGINE_BUDGET_KB = 140

interface Step {
  readonly says: string
  readonly command: string
  readonly args: readonly string[]
}

const STEPS: readonly Step[] = [
  { says: 'the course', command: process.execPath, args: ['node_modules/astro/bin/astro.mjs', 'build'] },
  {
    says: 'descriptions for kubectl explain',
    command: process.execPath,
    args: ['cli/generate/generate.ts', '--descriptions', join(SITE, 'descriptions.json')],
  },
]

function run({ command, args }: Step, verbose: boolean): Promise<void> {
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      said += data.toString()
      if (verbose) process.stderr.write(data)
    })
  return new Promise((settle, fail) => {
    child.on('error', fail)
    child.on('close', (code) =>
      code === 0 ? settle() : fail(new Error(`${args[0]} ended with ${code}\n${verbose ? '' : said}`)),
    )
  })
}

/** Says what is being done, and every two seconds that it still is. */
async function withProgress(says: string, work: () => Promise<void>): Promise<void> {
  const began = Date.now()
  const since = () => `${Math.round((Date.now() - began) / 1000)} s`
  process.stderr.write(`${says} …\n`)
  const ticking = setInterval(() => process.stderr.write(`  ${since()}\n`), 5000)
  try {
    await work()
    process.stderr.write(`${says}: done in ${since()}\n`)
  } finally {
    clearInterval(ticking)
  }
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** The sizes that matter to somebody who opens the page. */
function printSizes(): void {
  const files = filesIn(SITE)
  const scripts = files.filter((path) => path.endsWith('.js') && path.includes('_astro'))
  const row = (path: string) => {
    const content = readFileSync(path)
    return { name: path.slice(SITE.length + 1), size: content.length, gz: gzipSync(content, { level: 9 }).length }
  }
  const rows = scripts.map(row).sort((a, b) => b.gz - a.gz)
  for (const { name, size, gz } of rows.slice(0, 6))
    console.log(`${kilobytes(size).padStart(9)} ${kilobytes(gz).padStart(8)} gz  ${name}`)
  const engine = rows.find(({ name }) => name.includes('worker'))
  if (engine && engine.gz > ENGINE_BUDGET_KB * 1000)
    console.log(`the engine's worker is ${kilobytes(engine.gz)} gz, over its budget of ${ENGINE_BUDGET_KB} kB`)
  console.log(
    `${files.length} files, ${kilobytes(files.reduce((sum, path) => sum + statSync(path).size, 0))} in dist/site`,
  )
}

export async function build(verbose: boolean): Promise<void> {
  await withProgress('the library', buildLibrary)
  for (const step of STEPS) await withProgress(step.says, () => run(step, verbose))
  printSizes()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, verbose: { type: 'boolean' } } })
  if (values.help) console.log(HELP)
  else
    await build(values.verbose ?? false).catch((error: Error) => {
      console.error(error.message)
      process.exitCode = 1
    })
}
