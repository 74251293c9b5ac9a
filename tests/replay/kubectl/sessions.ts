/**
 * Whole sessions: each typed line is an item, and agrees when its output, its end and its requests do. The world is ours from beginning to
 * end, so a line that changes something else also spoils those that look at it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HttpRequest } from '../../../engine/kubectl/client.ts'
import type { ReplayedItem } from '../replay.ts'
import { type Printed, runLine } from './bash.ts'
import { ControlPlane, KUBECONFIG } from './control-plane.ts'
import { HOME, type Inputs, memoryFiles, readInputs, redacted } from './inputs.ts'
import { type RecordedRequest, requestDifference } from './requests.ts'
import { firstMarkedDifference, type Tokens } from './texts.ts'

interface Step {
  readonly n: number
  readonly cmd?: string
  readonly stdin?: string
  readonly wait?: number | 'quiet' | 'until'
  readonly background?: string
  readonly stop?: string
  readonly stdout?: string
  readonly stderr?: string
  readonly exit?: number | null
  readonly norm?: { readonly stdout?: string; readonly stderr?: string }
  readonly requests?: readonly RecordedRequest[]
}

interface Session {
  readonly id: string
  readonly namespace: string | null
  readonly steps: readonly Step[]
}

class Play {
  readonly plane = new ControlPlane()
  readonly tokens: Tokens = new Map()
  readonly #files: ReturnType<typeof memoryFiles>
  sent: HttpRequest[] = []

  constructor(inputs: Inputs, namespace: string | null) {
    const config = namespace
      ? KUBECONFIG.replaceAll('    cluster: kubernetes\n', `    cluster: kubernetes\n    namespace: ${namespace}\n`)
      : KUBECONFIG
    this.#files = memoryFiles(new Map([...inputs, [`${HOME}/.kube/config`, config]]))
    if (!namespace) return
    const line = `kubectl create namespace ${namespace}`
    this.run(line, '')
    this.plane.settle()
    this.#files.remove(`${HOME}/.kube/cache/discovery/172.18.0.2_6443/aggregated.json`)
  }

  run(line: string, stdin: string, patience?: number): Printed {
    this.sent = []
    const { plane } = this
    const printed = runLine(
      line,
      stdin,
      {
        files: this.#files,
        now: () => plane.world.now,
        advance: (until) => plane.advance(until),
        send: (request) => {
          this.sent.push(request)
          plane.advance(plane.world.now + 5)
          return plane.send(request)
        },
      },
      patience,
    )
    plane.advance(plane.world.now + 150)
    return printed
  }

  /** Starts a line that runs on, and leaves it there. */
  begin(line: string): undefined {
    this.run(line, '', 0)
  }

  wait({ wait, cmd }: Step): void {
    if (wait === 'quiet') this.plane.settle()
    else if (typeof wait === 'number') this.plane.advance(this.plane.world.now + wait * 1000)
    else
      for (let turns = 0; turns < 60 && this.run(cmd!, '').code !== 0; turns++)
        this.plane.advance(this.plane.world.now + 300)
  }
}

function difference(step: Step, { out, err, code }: Printed, play: Play): string | undefined {
  const { norm = {}, stdout = '', stderr = '', exit = 0 } = step
  return (
    firstMarkedDifference('stderr', norm.stderr ?? stderr, redacted(err), play.tokens) ??
    firstMarkedDifference('stdout', norm.stdout ?? stdout, redacted(out), play.tokens) ??
    (code === exit ? undefined : `exit ${code}, not ${exit}`) ??
    requestDifference(step.requests ?? [], play.sent)
  )
}

function* replaySession(session: Session, inputs: Inputs): Generator<ReplayedItem> {
  const play = new Play(inputs, session.namespace)
  for (const step of session.steps) {
    if (step.wait !== undefined) play.wait(step)
    if (step.wait !== undefined || step.cmd === undefined) continue
    const id = `${session.id} ${step.n}: ${step.cmd}`
    if (step.background !== undefined) {
      attempt(() => play.begin(step.cmd!))
      continue
    }
    const found = attempt(() =>
      difference(step, play.run(step.cmd!, step.stdin ?? '', step.exit === null ? 3000 : undefined), play),
    )
    yield { id, area: 'sessions', agrees: found === undefined, ...(found !== undefined && { difference: found }) }
  }
}

function attempt(compare: () => string | undefined): string | undefined {
  try {
    return compare() ?? undefined
  } catch (error) {
    return `fails: ${error instanceof Error ? error.message : String(error)}`
  }
}

export function* replaySessions(directory: string): Generator<ReplayedItem> {
  const inputs = readInputs(join(directory, 'inputs'))
  for (const name of readdirSync(join(directory, 'sessions')).sort()) {
    if (!name.endsWith('.json')) continue
    const session = JSON.parse(readFileSync(join(directory, 'sessions', name), 'utf8')) as Session
    yield* replaySession(session, inputs)
  }
}
