/** What a search did and found, for people and for programs. */
import { type Property, sentenceOf } from '../../engine/check/property.ts'
import { type SearchReport, tell } from '../../engine/check/search.ts'
import type { Shared } from '../../engine/cluster/history.ts'
import { linkFor } from '../../lessons/site/page/link.ts'
import { columns } from '../command.ts'

export interface Exploration {
  readonly report: SearchReport
  readonly properties: readonly Property[]
  readonly seconds: number
  readonly preset: string
  readonly seed: number
  /** As many as were asked for; what is made small afterwards comes on top. */
  readonly runs: number
  readonly only: string | undefined
  readonly page: string
  readonly shared: Shared | undefined
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Finds the same again. */
function commandFor({ runs, preset, seed, only }: Exploration): string {
  const words = ['npx kubefold explore', `--preset ${preset}`, `--seed ${seed}`, `--runs ${runs}`]
  return [...words, ...(only === undefined ? [] : [`--only ${quoted(only)}`])].join(' ')
}

interface Seen {
  readonly sentence: string
  readonly runs: number
}

const coverage = ({ report, properties }: Exploration): readonly Seen[] =>
  properties
    .filter((property) => 'sometimes' in property)
    .map((property) => ({ sentence: sentenceOf(property), runs: report.seen[sentenceOf(property)] ?? 0 }))

const rounded = (value: number): number => Math.round(value * 10) / 10

function paceOf({ report, seconds }: Exploration): string {
  return `${report.runs} runs and ${report.facts} facts in ${rounded(seconds)} s: ${rounded(report.runs / seconds)} runs a second`
}

function coverageText(exploration: Exploration): string {
  const rows = coverage(exploration).map(
    ({ sentence, runs }) => [runs === 0 ? 'never' : `${runs} runs`, sentence] as const,
  )
  return rows.length === 0 ? '' : `What was reached:\n${columns(rows)}`
}

async function foundText(exploration: Exploration): Promise<string> {
  const { report, shared, page } = exploration
  if (!report.found) {
    const count = exploration.properties.filter((property) => !('sometimes' in property)).length
    return `No violation of ${count} properties was found in what was searched.`
  }
  const link = shared ? await linkFor(shared, page) : ''
  return [
    tell(report.found),
    `Made small in ${report.found.shrinks} steps. To find it again:\n  ${commandFor(exploration)}`,
    `To see it:\n  ${link}`,
  ].join('\n\n')
}

export const explorationText = async (exploration: Exploration): Promise<string> =>
  [await foundText(exploration), coverageText(exploration), paceOf(exploration)].filter(Boolean).join('\n\n')

export async function explorationJson(exploration: Exploration) {
  const { report, seconds, shared, page, seed, preset } = exploration
  return {
    preset,
    seed,
    runs: report.runs,
    facts: report.facts,
    seconds: rounded(seconds),
    runsPerSecond: rounded(report.runs / seconds),
    reached: Object.fromEntries(coverage(exploration).map(({ sentence, runs }) => [sentence, runs])),
    found: report.found
      ? {
          ...report.found,
          command: commandFor(exploration),
          ...(shared && { shared, link: await linkFor(shared, page) }),
        }
      : null,
  }
}
