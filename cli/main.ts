/**
 * The `kubefold` command: a cluster to check manifests in, to search for bugs, to point a real kubectl at, or to sit down in front of.
 */
import { columns, EXIT, helpOf, parseFlags, type Subcommand, UsageProblem } from './command.ts'

/** Loaded one at a time, because most of the work of starting is loading. */
const SUBCOMMANDS: Readonly<Record<string, readonly [about: string, load: () => Promise<Subcommand>]>> = {
  check: [
    'Apply manifests in a simulated cluster and say what never becomes ready, and why.',
    async () => (await import('./check.ts')).check,
  ],
  explore: [
    'Search for a run in which a property of the cluster does not hold.',
    async () => (await import('./explore.ts')).explore,
  ],
  serve: [
    'Serve a cluster over HTTPS on this machine, for a real kubectl.',
    async () => (await import('./serve.ts')).serve,
  ],
  shell: [
    'Sit down at a terminal in front of a cluster, or run a script there.',
    async () => (await import('./shell.ts')).shell,
  ],
}

const usage = (): string =>
  [
    'Usage: kubefold COMMAND [flags]',
    'All of Kubernetes as one pure function: a whole cluster in one process.',
    columns(Object.entries(SUBCOMMANDS).map(([name, [about]]) => [name, about] as const)),
    'Run `kubefold COMMAND --help` for the flags of a command.',
  ].join('\n\n')

async function runSubcommand(name: string, argv: readonly string[]): Promise<number> {
  const command = await SUBCOMMANDS[name]![1]()
  try {
    const given = parseFlags(command, argv)
    if (!given.isOn('help')) return await command.run(given)
    console.log(helpOf(command))
    return EXIT.good
  } catch (error) {
    if (!(error instanceof UsageProblem)) throw error
    console.error(`kubefold ${name}: ${error.message}\nRun \`kubefold ${name} --help\` to see what it takes.`)
    return EXIT.usage
  }
}

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(usage())
    return name === undefined ? EXIT.usage : EXIT.good
  }
  if (Object.hasOwn(SUBCOMMANDS, name)) return runSubcommand(name, argv)
  console.error(`kubefold: there is no command "${name}". There are: ${Object.keys(SUBCOMMANDS).join(', ')}.`)
  return EXIT.usage
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(`kubefold failed, which is a bug in it: ${(error as Error).stack ?? String(error)}`)
  process.exitCode = EXIT.internal
}
