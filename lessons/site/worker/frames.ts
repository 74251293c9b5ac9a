/** What of a session is sent to the page: all that it shows, and only what is new. */

import { beginningOf, sharedFrom } from '../../../engine/cluster/history.ts'
import { promptOf, terminalOf } from '../../../engine/cluster/person.ts'
import type { PrintedText, Terminal } from '../../../engine/cluster/terminal.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { absolutePath } from '../../../engine/shell/command.ts'
import { EDITORS, editedPath } from '../../../engine/shell/commands/editors.ts'
import { isIdle, type Shell } from '../../../engine/shell/state.ts'
import { getSorted, lastKey, sortedEntries } from '../../../engine/std/sorted.ts'
import { happeningsOf } from './happenings.ts'
import type { Frame } from './messages.ts'
import { sceneOf } from './scene.ts'
import { type Session, TERMINAL } from './session.ts'

/** What the page has got so far. */
export interface Sent {
  readonly store: World['server']['store'] | undefined
  readonly faults: World['faults'] | undefined
  readonly printed: PrintedText | undefined
  readonly number: number
  readonly deeds: number
  /** Revision of the beginning: what the preset did itself is no news. */
  readonly from: number
}

export const nothingSent = (from: number): Sent => ({
  store: undefined,
  faults: undefined,
  printed: undefined,
  number: 0,
  deeds: -1,
  from,
})

/** The file that an editor which runs in the terminal was started on. */
function editedFile(shell: Shell): string | undefined {
  for (const task of Object.values(shell.tasks)) {
    const top = task.frames.at(-1)
    if (task.code !== null || top?.is !== 'program' || !Object.hasOwn(EDITORS, top.name)) continue
    const path = editedPath(top.argv)
    if (path !== undefined) return absolutePath(task.scope.directory, path)
  }
  return undefined
}

const isSame = (one: PrintedText | undefined, other: PrintedText | undefined): boolean =>
  one?.at === other?.at && one?.text === other?.text && one?.stream === other?.stream

/** What was printed since; everything, when what was sent is not part of it any more. */
function printedSince({ printed }: Terminal, sent: Sent): Frame['printed'] {
  const last = lastKey(printed) ?? 0
  const extends_ = sent.number === 0 || isSame(getSorted(printed, sent.number), sent.printed)
  if (extends_ && last === sent.number) return undefined
  const entries = sortedEntries(printed, extends_ ? sent.number + 1 : undefined)
  return { anew: !extends_, pieces: entries.map(([, { stream, text }]) => ({ stream, text })) }
}

function promptFor(terminal: Terminal): string {
  return isIdle(terminal.shell) ? promptOf(terminal) : ''
}

function steadyPart({ history, seen, looking, speed, settling, undone }: Session, terminal: Terminal): Frame {
  return {
    now: seen.now,
    begins: beginningOf(history),
    ends: history.world.now,
    looking: looking !== undefined,
    speed,
    settling: settling !== undefined,
    happened: seen.happened,
    prompt: promptFor(terminal),
    busy: !isIdle(terminal.shell),
    editing: looking === undefined ? editedFile(terminal.shell) : undefined,
    undoable: history.deeds.length > 0,
    redoable: undone.length > 0,
  }
}

export function frameOf(session: Session, sent: Sent): readonly [Frame, Sent] {
  const { seen, history, stepped } = session
  const { store } = seen.server
  const terminal = terminalOf(seen, TERMINAL)
  const printed = printedSince(terminal, sent)
  const changed = store !== sent.store || seen.faults !== sent.faults
  const frame: Frame = {
    ...steadyPart(session, terminal),
    ...(changed && { scene: sceneOf(seen, happeningsOf(seen, sent.from)) }),
    ...(printed && { printed }),
    ...(stepped !== undefined && { stepped }),
    ...(history.deeds.length !== sent.deeds && { shared: sharedFrom(history) }),
  }
  const number = lastKey(terminal.printed) ?? 0
  const next = { ...sent, store, faults: seen.faults, printed: getSorted(terminal.printed, number), number }
  return [frame, { ...next, deeds: history.deeds.length }]
}
