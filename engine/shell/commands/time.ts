/**
 * Commands about time and other commands: sleep, date, seq, yes, watch, xargs, timeout, time says how long, env.
 *
 * Left out: `date` formats beyond the common letters, `sleep` of weeks, `xargs -P`.
 */
import { EPOCH, type Millis, timestamp } from '../../std/time.ts'
import { atOnce, type Command, type CommandHost, type CommandOutput } from '../command.ts'
import { joinLines, usage } from './arguments.ts'

const UNITS: Readonly<Record<string, Millis>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `1.5`, `30s`, `2m` in milliseconds. */
function intervalOf(text: string): Millis | undefined {
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text)
  return match ? Math.round(Number(match[1]) * UNITS[match[2]!]!) : undefined
}

export const sleep: Command<null> = {
  about: 'Wait: sleep 5, sleep 0.5, sleep 2m.',
  run: (_state, input, host) => {
    if (input.type === 'signal') return [null, { exit: 130 }]
    if (input.type === 'woke') return [null, { exit: 0 }]
    const words = host.argv.slice(1)
    const intervals = words.map((word) => (word === 'infinity' ? 1e12 : intervalOf(word)))
    const wrong = words.find((_word, at) => intervals[at] === undefined)
    if (words.length === 0)
      return [null, { stderr: "sleep: missing operand\nTry 'sleep --help' for more information.\n", exit: 1 }]
    if (wrong !== undefined)
      return [
        null,
        { stderr: `sleep: invalid time interval '${wrong}'\nTry 'sleep --help' for more information.\n`, exit: 1 },
      ]
    return [null, { wakeAt: host.now() + (intervals as number[]).reduce((sum, interval) => sum + interval, 0) }]
  },
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function dateParts(now: Millis): Readonly<Record<string, string>> {
  const [date = '', clock = ''] = timestamp(now).slice(0, -1).split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  const [hour = '', minute = '', second = ''] = clock.split(':')
  const unix = Math.floor((EPOCH + now) / 1000)
  const weekday = WEEKDAYS[(Math.floor(unix / 86_400) + 4) % 7]!
  const parts = {
    Y: year,
    m: month,
    d: day,
    H: hour,
    M: minute,
    S: second,
    s: String(unix),
    F: date,
    T: clock,
    Z: 'UTC',
    z: '+0000',
  }
  const more = {
    a: weekday,
    b: MONTHS[Number(month) - 1]!,
    e: day.replace(/^0/, ' '),
    N: String((EPOCH + now) % 1000)
      .padStart(3, '0')
      .padEnd(9, '0'),
    y: year.slice(2),
  }
  return { ...parts, ...more, '%': '%', n: '\n' }
}

export const date = atOnce((host) => {
  const parts = dateParts(host.now())
  const asked = host.argv.slice(1).find((arg) => arg.startsWith('+'))
  if (host.argv.includes('-Is') || host.argv.includes('--iso-8601=seconds'))
    return { out: `${parts.F}T${parts.T}+00:00\n` }
  const format = asked?.slice(1) ?? '%a %b %e %T %Z %Y'
  return { out: `${format.replace(/%(.)/g, (whole, letter) => parts[letter] ?? whole)}\n` }
}, 'The time in the cluster, in UTC; +FORMAT.')

export const seq = atOnce((host) => {
  const words = host.argv.slice(1)
  const numbers = words.map(Number)
  if (words.length === 0 || words.length > 3 || numbers.some(Number.isNaN))
    return usage(`seq: invalid argument: ${words.join(' ')}`, 1)
  const [first, step, last] =
    words.length === 1
      ? [1, 1, numbers[0]!]
      : words.length === 2
        ? [numbers[0]!, 1, numbers[1]!]
        : (numbers as [number, number, number])
  if (step === 0) return usage('seq: invalid Zero increment value', 1)
  const count = Math.min(Math.max(0, Math.floor((last - first) / step) + 1), 100_000)
  return { out: joinLines(Array.from({ length: count }, (_, at) => String(first + at * step))) }
}, 'Count: seq LAST, seq FIRST LAST, seq FIRST STEP LAST.')

export const yes: Command<null> = {
  about: 'Print a word again and again.',
  run: (_state, input, host) => {
    if (input.type === 'signal') return [null, { exit: 130 }]
    const line = host.argv.slice(1).join(' ') || 'y'
    return [null, { stdout: `${line}\n`.repeat(100), wakeAt: host.now() + 1 }]
  },
}

interface Watching {
  readonly interval: Millis
}

/** Clears the screen and shows what a command prints, every two seconds. */
export const watch: Command<Watching> = {
  about: 'Show what a command prints, every 2 seconds; -n SECONDS.',
  run: (state, input, host) => {
    if (input.type === 'signal') return [state ?? { interval: 2000 }, { exit: 130 }]
    if (input.type === 'start') return beginWatch(host)
    if (input.type === 'woke') return [state!, again(host)]
    const title = `Every ${(state!.interval / 1000).toFixed(1)}s: ${watched(host).join(' ')}`
    const screen = `\x1b[2J\x1b[H${title}\n\n${input.type === 'ended' ? input.output : ''}`
    return [state!, { stdout: screen, wakeAt: host.now() + state!.interval }]
  },
}

/** The command behind watch's own options. */
function watched(host: CommandHost): readonly string[] {
  const args = host.argv.slice(1)
  while (args[0]?.startsWith('-')) args.splice(0, /^(-n|--interval)$/.test(args[0]) ? 2 : 1)
  return args
}

const again = (host: CommandHost): CommandOutput => {
  const words = watched(host)
  return { runs: { argv: words.length === 1 ? ['sh', '-c', words[0]!] : words, capture: true } }
}

function beginWatch(host: CommandHost): readonly [Watching, CommandOutput] {
  const at = host.argv.findIndex((arg) => /^(-n|--interval)/.test(arg))
  const value = at < 0 ? '2' : (/^(?:-n|--interval=)(.+)/.exec(host.argv[at]!)?.[1] ?? host.argv[at + 1] ?? '')
  const interval = intervalOf(value)
  if (interval === undefined)
    return [{ interval: 0 }, { stderr: `watch: failed to parse argument: '${value}'\n`, exit: 1 }]
  if (watched(host).length === 0) return [{ interval }, { stderr: 'Usage:\n watch [-n SECONDS] COMMAND\n', exit: 1 }]
  return [{ interval: Math.max(interval, 100) }, again(host)]
}

interface Feeding {
  readonly text: string
  readonly left: readonly (readonly string[])[]
  readonly code: number
}

/** Runs a command with arguments from standard input. */
export const xargs: Command<Feeding> = {
  about: 'Run a command with arguments read from standard input; -n COUNT, -I NAME.',
  run: (state, input, host) => {
    const { text, left, code } = state ?? { text: '', left: [], code: 0 }
    if (input.type === 'signal') return [{ text, left, code }, { exit: 130 }]
    if (input.type === 'start') return [{ text, left, code }, { reads: true }]
    if (input.type === 'input' && !input.end) return [{ text: text + input.text, left, code }, { reads: true }]
    const commands = input.type === 'input' ? commandsFor(text + input.text, host) : left
    const worst = input.type === 'ended' && input.code !== 0 ? 123 : code
    const [next, ...rest] = commands
    return [{ text: '', left: rest, code: worst }, next ? { runs: { argv: next } } : { exit: worst }]
  },
}

function commandsFor(text: string, host: CommandHost): readonly (readonly string[])[] {
  const args = host.argv.slice(1)
  let [most, name, skipEmpty] = [Number.POSITIVE_INFINITY, '', false]
  for (let arg = args[0]; arg?.startsWith('-'); arg = args[0]) {
    args.shift()
    if (arg === '-r') skipEmpty = true
    else if (arg.startsWith('-n')) most = Number(arg.slice(2) || args.shift())
    else if (arg.startsWith('-I')) name = arg.slice(2) || (args.shift() ?? '')
  }
  const command = args.length > 0 ? args : ['echo']
  if (name !== '')
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => command.map((word) => word.replaceAll(name, line.trim())))
  const words = text.split(/\s+/).filter(Boolean)
  if (words.length === 0) return skipEmpty ? [] : [command]
  const count = Number.isFinite(most) ? Math.ceil(words.length / most) : 1
  return Array.from({ length: count }, (_, at) => [
    ...command,
    ...words.slice(at * most || 0, Number.isFinite(most) ? (at + 1) * most : undefined),
  ])
}

export const timed: Command<Millis> = {
  about: 'Say how long a command takes.',
  run: (started, input, host) => {
    if (input.type === 'signal') return [started ?? 0, { exit: 130 }]
    if (input.type !== 'ended') return [host.now(), { runs: { argv: host.argv.slice(1) } }]
    const took = (host.now() - started!) / 1000
    return [started!, { stderr: `\nreal\t${Math.floor(took / 60)}m${(took % 60).toFixed(3)}s\n`, exit: input.code }]
  },
}

export const env = atOnce(
  (host) => ({ out: joinLines(Object.entries(host.environment).map(([name, value]) => `${name}=${value}`)) }),
  'Print the environment.',
)
