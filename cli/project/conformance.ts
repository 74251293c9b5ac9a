/**
 * `npm run conformance`: runs the official end-to-end suite of Kubernetes against `kubefold serve`. The suite is not part of this
 * project; where it is built is said by --suite or by the environment variable CONFORMANCE.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, type Given, helpOf, parseFlags, type Subcommand, UsageProblem } from '../command.ts'

const BINARY = 'e2e.test'

const MISSING = `The official conformance suite is not installed, so nothing was run.

It is Kubernetes' own e2e.test of v1.36, which needs Go to build:
  go test -c -o e2e.test k8s.io/kubernetes/test/e2e
Then say where it is: npm run conformance -- --suite PATH, or CONFORMANCE=PATH.`

/** The suite itself, or the folder it is in. */
function suiteAt(path: string | undefined): string | undefined {
  if (!path || !existsSync(path)) return undefined
  const binary = statSync(path).isDirectory() ? join(path, BINARY) : path
  return existsSync(binary) ? binary : undefined
}

const STARTED_WITHIN_SECONDS = 60

interface Served {
  readonly kubeconfig: string
  readonly stop: () => void
}

async function startServer(folder: string, given: Given): Promise<Served> {
  const kubeconfig = join(folder, 'kubeconfig')
  const main = join(import.meta.dirname, '..', 'main.ts')
  const words = ['serve', '--port', '0', '--write-kubeconfig', kubeconfig, '--preset', given.text('preset')!]
  const server = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (let waited = 0; !isWritten(kubeconfig); waited++) {
    if (server.exitCode !== null || waited > STARTED_WITHIN_SECONDS * 10)
      throw new Error('kubefold serve did not start')
    await sleep(100)
  }
  return { kubeconfig, stop: () => void server.kill() }
}

const isWritten = (path: string): boolean => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n')

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

interface Result {
  readonly passed: number
  readonly failed: number
}

/** Ginkgo's last words. */
export function resultIn(output: string): Result | undefined {
  const found = /(\d+) Passed \| (\d+) Failed/.exec(output.replace(ESCAPES, ''))
  return found ? { passed: Number(found[1]), failed: Number(found[2]) } : undefined
}

const LAST_WORDS = 100_000

function runSuite(suite: string, kubeconfig: string, folder: string, given: Given): Promise<Result | undefined> {
  const skip = given.text('skip')
  const words = [
    ...['--kubeconfig', kubeconfig, '--provider', 'skeleton', '--report-dir', folder, '--disable-log-dump'],
    ...['-ginkgo.no-color', '-ginkgo.timeout', '8h', '-ginkgo.focus', given.text('focus')!],
    ...(skip === undefined ? [] : ['-ginkgo.skip', skip]),
  ]
  const child = spawn(suite, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (piece: Buffer) => {
    process.stderr.write(piece)
    output = (output + piece.toString()).slice(-LAST_WORDS)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(resultIn(output)))
  })
}

async function run(given: Given): Promise<number> {
  const suite = suiteAt(given.text('suite') ?? process.env.CONFORMANCE)
  if (!suite) {
    console.error(MISSING)
    return EXIT.usage
  }
  const folder = mkdtempSync(join(tmpdir(), 'kubefold-conformance-'))
  const server = await startServer(folder, given)
  try {
    const result = await runSuite(suite, server.kubeconfig, folder, given)
    if (!result) throw new Error('the suite ended without saying how many specs passed')
    console.log(given.isOn('json') ? JSON.stringify(result) : `${result.passed} passed, ${result.failed} failed`)
    return result.failed > 0 ? EXIT.found : EXIT.good
  } finally {
    server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const conformance: Subcommand = {
  name: 'conformance',
  usage: '[flags]',
  about: 'Runs the official conformance suite of Kubernetes against `kubefold serve`.',
  flags: {
    suite: {
      value: 'PATH',
      help: 'The built e2e.test, or the folder it is in; the environment variable CONFORMANCE else.',
    },
    focus: { value: 'REGEXP', default: '\\[Conformance\\]', help: 'Titles of the specs to run.' },
    skip: { value: 'REGEXP', help: 'Titles of specs to leave out.' },
    preset: { value: 'NAME', default: 'three-nodes', help: 'The cluster to serve.' },
    json: { help: 'Print {"passed": N, "failed": N}.' },
  },
  run,
}

if (import.meta.main) {
  try {
    const given = parseFlags(conformance, process.argv.slice(2))
    if (given.isOn('help'))
      console.log(helpOf(conformance).replace('Usage: kubefold conformance', 'Usage: npm run conformance --'))
    else process.exitCode = await run(given)
  } catch (error) {
    console.error(error instanceof UsageProblem ? error.message : (error as Error).stack)
    process.exitCode = error instanceof UsageProblem ? EXIT.usage : EXIT.internal
  }
}
