/** What a check found, for people and for programs. */
import type { Millis } from '../../engine/std/time.ts'
import { type Applied, titleOf } from './apply.ts'
import { type Finding, placeText, type Severity } from './finding.ts'
import type { Verdict } from './readiness.ts'

export interface Report {
  readonly files: number
  readonly nodes: number
  readonly seed: number
  readonly applied: readonly Applied[]
  readonly verdicts: readonly Verdict[]
  /** When everything was whole; undefined when it never was. */
  readonly after: Millis | undefined
  readonly limit: Millis
  readonly findings: readonly Finding[]
}

const SEVERITIES: readonly Severity[] = ['note', 'warning', 'error']

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const inSeconds = (time: Millis): string => `${Math.round(time / 1000)} s`

function findingText({ severity, place, object, message, because = [] }: Finding): string {
  const head = `${placeText(place)}: ${severity}: ${object ? `${object}: ` : ''}${message}`
  return [head, ...because.map((line) => `    ${line}`)].join('\n')
}

/** What is worst comes last, nearest to the prompt. */
const bySeverity = (one: Finding, other: Finding): number =>
  SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity)

function summary({ files, nodes, seed, applied, verdicts, findings, after, limit }: Report): string {
  const unready = verdicts.filter((verdict) => verdict.is === 'not ready').length
  const errors = findings.filter(({ severity }) => severity === 'error').length - unready
  const when =
    after === undefined ? `not all of it ready within ${inSeconds(limit)}` : `all of it ready after ${inSeconds(after)}`
  return [
    `${counted(applied.length, 'object')} applied from ${counted(files, 'file')}`,
    ...(errors > 0 ? [`${counted(errors, 'error')} in manifests`] : []),
    ...(unready > 0 ? [`${unready} never ready`] : []),
    ...(applied.length > 0 ? [when] : []),
    `${counted(nodes, 'node')}, seed ${seed}`,
  ].join('; ')
}

export const reportText = (report: Report): string =>
  [...[...report.findings].sort(bySeverity).map(findingText), `${summary(report)}.`].join('\n')

export const reportJson = (report: Report, exit: number) => ({
  exit,
  files: report.files,
  nodes: report.nodes,
  seed: report.seed,
  readyAfterSeconds: report.after === undefined ? null : report.after / 1000,
  objects: report.applied.map((one, index) => ({
    object: titleOf(one.manifest, one.served),
    ...one.manifest.place,
    verdict: report.verdicts[index]!.is,
  })),
  findings: report.findings.map(({ place, ...rest }) => ({ ...place, ...rest })),
})
