/** `npm start`: builds the course when it is not built yet or older than its sources, and serves it on this computer only. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './build.ts'
import { serveSite } from './site-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SITE = join(ROOT, 'dist/site')
const SOURCES = ['engine', 'exercises', 'lessons', 'astro.config.mjs', 'package-lock.json']

const HELP = `usage: npm start [-- --port N]

Builds the course when needed and serves it on 127.0.0.1.
  --port N    first port to try; 4321 when not given
`

function newest(path: string): number {
  const found = statSync(path)
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isBuilt(): boolean {
  const page = join(SITE, 'index.html')
  if (!existsSync(page)) return false
  const built = statSync(page).mtimeMs
  return SOURCES.every((source) => newest(join(ROOT, source)) < built)
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 4321)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${text}: a number from 0 to 65535 is needed`)
  return port
}

async function start(port: number): Promise<void> {
  if (!isBuilt()) await build(false)
  const { address } = await serveSite(SITE, port)
  console.log(`\nkubefold is at ${address}\nCtrl-C ends it.`)
}

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, port: { type: 'string' } } })
  if (values.help) console.log(HELP)
  else await start(portOf(values.port))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
