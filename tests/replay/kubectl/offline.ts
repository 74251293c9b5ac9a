/** Command lines without any server: what was printed and how it ended, to the letter. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReplayedItem } from '../replay.ts'
import { type Printed, runLine } from './bash.ts'
import { helpDifference } from './help.ts'
import { type Inputs, memoryFiles, readInputs, redacted } from './inputs.ts'
import { firstDifference } from './texts.ts'

interface Item {
  readonly id: string
  readonly group: string
  readonly cmd: string
  readonly stdout: string
  readonly stderr: string
  readonly exit: number | null
}

const refused = (server: string): string =>
  server.includes('localhost:8080')
    ? 'dial tcp 127.0.0.1:8080: connect: connection refused'
    : `dial tcp: lookup ${server.replace(/^https?:\/\//, '').replace(/:.*/, '')}: no such host`

function play(item: Item, inputs: Inputs): Printed {
  const files = memoryFiles(new Map(inputs))
  let now = 0
  return runLine(item.cmd, '', {
    files,
    send: (request) => ({ code: 0, body: refused(request.server) }),
    now: () => now,
    advance: (until) => {
      now = until
    },
  })
}

function difference(item: Item, { out, err, code }: Printed): string | undefined {
  if (item.group === 'help')
    return (
      helpDifference(item.stdout, redacted(out)) ?? (code === item.exit ? undefined : `exit ${code}, not ${item.exit}`)
    )
  return (
    firstDifference('stderr', item.stderr, redacted(err)) ??
    firstDifference('stdout', item.stdout, redacted(out)) ??
    (code === item.exit ? undefined : `exit ${code}, not ${item.exit}`)
  )
}

export function* replayOffline(directory: string): Generator<ReplayedItem> {
  const inputs = readInputs(join(directory, 'inputs'))
  const lines = readFileSync(join(directory, 'offline.jsonl'), 'utf8').split('\n')
  for (const line of lines) {
    if (line === '') continue
    const item = JSON.parse(line) as Item
    const found = difference(item, play(item, inputs))
    yield {
      id: item.id,
      area: `offline-${item.group}`,
      agrees: found === undefined,
      ...(found !== undefined && { difference: found }),
    }
  }
}
