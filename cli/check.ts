/**
 * `kubefold check`: applies manifests in a simulated cluster, lets it run, and says what was refused, what never became ready, and why.
 */
import { newCluster, nodes } from '../engine/cluster/presets/cluster.ts'
import { settle } from '../engine/cluster/run.ts'
import { parseDuration } from '../engine/std/duration.ts'
import { type Millis, minutes } from '../engine/std/time.ts'
import { seedOf, WORLD_FLAGS } from './begin.ts'
import { type Applied, applyManifests, titleOf } from './check/apply.ts'
import { manifestFiles } from './check/files.ts'
import type { Finding } from './check/finding.ts'
import { readManifests } from './check/manifest.ts'
import type { Verdict } from './check/readiness.ts'
import { type Report, reportJson, reportText } from './check/report.ts'
import { settleApplied } from './check/settle.ts'
import { EXIT, type Given, type Subcommand, UsageProblem } from './command.ts'

const MOST_NODES = 5000

function timeoutOf(given: Given): Millis {
  const text = given.text('timeout') ?? ''
  const time = parseDuration(text)
  if (typeof time === 'number' && time > 0) return time
  throw new UsageProblem(`--timeout wants a time like 90s or 15m, not "${text}"`)
}

function findingOf({ manifest, served }: Applied, verdict: Verdict): readonly Finding[] {
  if (verdict.is === 'ready') return []
  const about = { place: manifest.place, object: titleOf(manifest, served) }
  if (verdict.is === 'unjudged') return [{ ...about, severity: 'note', message: verdict.says }]
  return [{ ...about, severity: 'error', message: verdict.says, because: verdict.because }]
}

function exitCode(report: Report, verdicts: readonly Verdict[], given: Given): number {
  const unready = verdicts.filter((verdict) => verdict.is === 'not ready')
  const errors = report.findings.filter(({ severity }) => severity === 'error').length
  const worst = given.isOn('strict') ? report.findings.some(({ severity }) => severity === 'warning') : false
  const undecided = unready.filter(({ isStuck }) => !isStuck).length
  if (errors > undecided || worst) return EXIT.found
  return undecided > 0 && !given.isOn('allow-inconclusive') ? EXIT.inconclusive : EXIT.good
}

function run(given: Given): number {
  if (given.args.length === 0) throw new UsageProblem('name the files or folders whose manifests are to be checked')
  const [count, limit] = [given.number('nodes', { least: 1, most: MOST_NODES }), timeoutOf(given)]
  const files = manifestFiles(given.args)
  const read = files.map(({ path, text }) => readManifests(text, path))
  const begin = settle(newCluster({ seed: seedOf(given), machines: nodes(count) }), minutes(5))
  const application = applyManifests(
    begin,
    read.flatMap(({ manifests }) => manifests),
  )
  const { applied } = application
  const { verdicts, after } = settleApplied(application.world, applied, limit)
  const report: Report = {
    files: files.length,
    nodes: count,
    seed: seedOf(given),
    applied,
    verdicts,
    after,
    limit,
    findings: [
      ...read.flatMap(({ findings }) => findings),
      ...application.findings,
      ...applied.flatMap((one, index) => findingOf(one, verdicts[index]!)),
    ],
  }
  const code = exitCode(report, verdicts, given)
  console.log(given.isOn('json') ? JSON.stringify(reportJson(report, code), null, 2) : reportText(report))
  return code
}

export const check: Subcommand = {
  name: 'check',
  usage: 'DIR… [flags]',
  about: 'Applies manifests in a simulated cluster and says what is refused, what never becomes ready, and why.',
  details: `Files are named, or found in folders by their ending (.yaml, .yml, .json). Containers run small programs that stand for the
public images; an image that is not known here cannot be pulled, as in life.

Exit codes:
  0  every object was taken and became ready
  1  something was refused or never became ready
  2  the command line is wrong, or a file cannot be read
  3  kubefold failed
  4  only undecided: something was not ready in time, and nothing says why`,
  flags: {
    nodes: { value: 'N', default: '3', help: 'How many nodes the cluster has, each with 2 CPUs and 4 GiB.' },
    seed: WORLD_FLAGS.seed,
    timeout: { value: 'TIME', default: '15m', help: "How long to wait, in the cluster's time." },
    strict: { help: 'Warnings are findings, too.' },
    'allow-inconclusive': { help: 'What is undecided is good enough.' },
    json: { help: 'Print one JSON object.' },
  },
  takes: Number.POSITIVE_INFINITY,
  run,
}
