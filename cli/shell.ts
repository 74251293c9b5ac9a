/**
 * `kubefold shell`: the terminal of the course, here. A person gets a prompt and a cluster that lives in real time; a script is played
 * as fast as the machine can, and its transcript printed.
 */
import { readFileSync } from 'node:fs'
import { beginWorld, presetNamed, WORLD_FLAGS } from './begin.ts'
import { type Given, type Subcommand, UsageProblem } from './command.ts'
import { liveWorld } from './live-world.ts'
import { playScript } from './shell/play-script.ts'
import { readScript } from './shell/script.ts'
import { sitDown } from './shell/sit-down.ts'

const STDIN = 0

function scriptText(path: string | undefined): string {
  try {
    return readFileSync(path ?? STDIN, 'utf8')
  } catch (error) {
    throw new UsageProblem(`the script cannot be read: ${(error as Error).message}`)
  }
}

async function atTheTerminal(given: Given, speed: number): Promise<number> {
  const world = beginWorld(given)
  process.stdout.write(
    `A cluster of ${world.machines.size} (preset ${presetNamed(given)}). Try \`kubectl get nodes\`, \`ls\`, \`help\`; leave with ctrl-D.\n`,
  )
  const live = liveWorld(world, speed)
  try {
    return await sitDown(live)
  } finally {
    live.stop()
  }
}

async function run(given: Given): Promise<number> {
  const speed = given.number('speed', { least: 0.01, most: 1000, whole: false })
  const [path] = given.args
  if (path === undefined && process.stdin.isTTY) return atTheTerminal(given, speed)
  const steps = readScript(scriptText(path))
  return playScript(beginWorld(given), steps, (text) => void process.stdout.write(text)).code
}

export const shell: Subcommand = {
  name: 'shell',
  usage: '[SCRIPT] [flags]',
  about:
    'A terminal in front of a cluster. With a script (a file, or standard input), plays it and prints the transcript.',
  details: `A line of a script is typed. These are not:
  +30s     time passes
  ^C  ^D   pressed; a command that is followed by one of them is not waited for
  # …      a remark
A transcript that this prints is itself a script, and gives the transcript of today.`,
  flags: {
    speed: {
      value: 'X',
      default: '1',
      help: 'At a terminal: how many seconds pass in the cluster for each on the wall.',
    },
    ...WORLD_FLAGS,
  },
  takes: 1,
  run,
}
