/**
 * `kubefold explore`: the search for a run in which a property of the cluster does not hold. Things break and people change their mind;
 * then all is mended, and the cluster must recover. What is found is made small and printed so that it can be played again.
 */
import { calmIn, deedsIn, sceneOf } from '../engine/check/arbitraries.ts'
import { PROPERTIES } from '../engine/check/cluster-properties.ts'
import { type Property, sentenceOf } from '../engine/check/property.ts'
import { type SearchReport, search } from '../engine/check/search.ts'
import { presetNamed, seedOf, WORLD_FLAGS } from './begin.ts'
import { EXIT, type Given, type Subcommand, UsageProblem } from './command.ts'
import { beginning, DEPLOYMENTS, sharedRun } from './explore/beginning.ts'
import { type Exploration, explorationJson, explorationText } from './explore/report.ts'
import { startProgress } from './progress.ts'

const MOST_RUNS = 10_000_000

/** So many worlds, by their seed, are runs begun in. */
const WORLDS = 4

/** The properties that are meant; what has only to be seen sometimes is always looked out for. */
function propertiesFor(given: Given): readonly Property[] {
  const only = given.text('only')?.toLowerCase()
  if (only === undefined) return PROPERTIES
  const meant = PROPERTIES.filter(
    (property) => !('sometimes' in property) && sentenceOf(property).toLowerCase().includes(only),
  )
  if (meant.length > 0) return [...meant, ...PROPERTIES.filter((property) => 'sometimes' in property)]
  throw new UsageProblem(`no property's sentence contains "${only}"; --list prints them all`)
}

function list(given: Given): number {
  const rows = PROPERTIES.map((property) => ({
    kind: kindOf(property),
    sentence: sentenceOf(property),
    because: property.because,
  }))
  if (given.isOn('json')) console.log(JSON.stringify(rows, null, 2))
  else for (const { kind, sentence, because } of rows) console.log(`${kind}: ${sentence}\n    because ${because}`)
  return EXIT.good
}

const kindOf = (property: Property): string =>
  'always' in property
    ? 'always'
    : 'eachStep' in property
      ? 'each step'
      : 'eventually' in property
        ? 'eventually'
        : 'sometimes'

function runSearch(given: Given, properties: readonly Property[]): SearchReport {
  const [preset, runs] = [presetNamed(given), given.number('runs', { least: 1, most: MOST_RUNS })]
  const begin = (seed: number) => beginning(preset, seed).world
  const scene = sceneOf(begin(0), DEPLOYMENTS)
  const progress = startProgress()
  const report = search({
    begin,
    properties,
    deeds: deedsIn(scene),
    calm: calmIn(scene),
    worlds: WORLDS,
    runs,
    seed: seedOf(given),
    onRun: (done) =>
      progress.note(() =>
        done <= runs ? `${done} of ${runs} runs…` : `a violation is being made smaller: ${done} runs…`,
      ),
  })
  progress.end()
  return report
}

async function run(given: Given): Promise<number> {
  if (given.isOn('list')) return list(given)
  const properties = propertiesFor(given)
  const begun = performance.now()
  const report = runSearch(given, properties)
  const exploration: Exploration = {
    report,
    properties,
    seconds: (performance.now() - begun) / 1000,
    preset: presetNamed(given),
    seed: seedOf(given),
    runs: given.number('runs', { least: 1, most: MOST_RUNS }),
    only: given.text('only'),
    page: given.text('page')!,
    shared: report.found && sharedRun(presetNamed(given), report.found),
  }
  console.log(
    given.isOn('json')
      ? JSON.stringify(await explorationJson(exploration), null, 2)
      : await explorationText(exploration),
  )
  return report.found ? EXIT.found : EXIT.good
}

export const explore: Subcommand = {
  name: 'explore',
  usage: '[flags]',
  about: 'Searches for a run in which a property of the cluster does not hold, and makes what it finds small.',
  details: 'Exit codes: 0 nothing was found; 1 a violation was found; 2 the command line is wrong; 3 kubefold failed.',
  flags: {
    runs: { value: 'N', default: '300', help: 'How many runs, unless something is found before.' },
    only: { value: 'SENTENCE', help: 'Look only at properties whose sentence contains this.' },
    list: { help: 'Print the properties and do nothing.' },
    page: { value: 'URL', default: 'http://127.0.0.1:4321/playground/', help: 'The page that a link is to open.' },
    json: { help: 'Print one JSON object.' },
    preset: WORLD_FLAGS.preset,
    seed: { ...WORLD_FLAGS.seed, help: 'The same seed searches the same runs.' },
  },
  run,
}
