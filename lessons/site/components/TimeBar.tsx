/** Time is the learner's: stop it, let one thing happen, hurry, look back, go on from there. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, current, notify, order, startOver } from '../page/connection.ts'
import { linkFor } from '../page/link.ts'
import type { Strings } from '../page/strings.ts'
import { useShown } from '../page/use-shown.ts'
import type { Frame } from '../worker/messages.ts'
import { ICONS } from './icons.tsx'

const SPEEDS = [1, 10, 100] as const

/** `1:02:03.4` */
export function clockText(millis: number): string {
  const tenths = Math.floor(millis / 100)
  const [hours, minutes, seconds] = [
    Math.floor(tenths / 36_000),
    Math.floor(tenths / 600) % 60,
    Math.floor(tenths / 10) % 60,
  ]
  const short = `${String(minutes).padStart(2, '0')}:${String(seconds).padStart(2, '0')}.${tenths % 10}`
  return hours > 0 ? `${hours}:${short}` : short
}

interface ButtonProps {
  readonly icon?: keyof typeof ICONS
  readonly says: string
  readonly hint?: string
  readonly act: () => void
  readonly pressed?: boolean
  readonly disabled?: boolean
  readonly worded?: boolean
}

export function BarButton({ icon, says, hint, act, pressed, disabled, worded }: ButtonProps) {
  return (
    <button
      type="button"
      class={`bar-button${worded ? ' worded' : ''}`}
      onClick={act}
      title={hint ?? says}
      aria-label={says}
      aria-pressed={pressed}
      disabled={disabled}
    >
      {icon && ICONS[icon]}
      {worded && <span>{says}</span>}
    </button>
  )
}

async function share(words: Strings): Promise<void> {
  const link = await linkFor(await ask({ asks: 'link' }), location.href)
  history.replaceState(undefined, '', link)
  const copied = await navigator.clipboard?.writeText(link).then(
    () => true,
    () => false,
  )
  notify(copied ? words.copied : words.linkHere)
}

/** Sends at most one look back for each picture the browser draws. */
function useScrubbing(): (at: number) => void {
  const wanted = useRef<number | undefined>(undefined)
  return (at) => {
    if (wanted.current === undefined)
      requestAnimationFrame(() => {
        order({ order: 'look', at: wanted.current })
        wanted.current = undefined
      })
    wanted.current = at
  }
}

function Scrubber({ frame, words }: { readonly frame: Frame; readonly words: Strings }) {
  const look = useScrubbing()
  return (
    <input
      type="range"
      class="scrubber"
      aria-label={words.timeLabel}
      aria-valuetext={clockText(frame.now - frame.begins)}
      min={frame.begins}
      max={Math.max(frame.ends, frame.begins + 1)}
      step={100}
      value={frame.now}
      onInput={({ currentTarget }) => look(Number(currentTarget.value))}
      style={{ '--done': `${(100 * (frame.now - frame.begins)) / Math.max(1, frame.ends - frame.begins)}%` }}
    />
  )
}

function Past({ words }: { readonly words: Strings }) {
  return (
    <div class="past" role="status">
      <span>{words.past}</span>
      <button type="button" onClick={() => order({ order: 'branch' })}>
        {words.branch}
      </button>
      <button type="button" onClick={() => order({ order: 'look', at: undefined })}>
        {words.toPresent}
      </button>
    </div>
  )
}

/** The speed that play goes back to. */
function usePace(speed: number): readonly [playing: boolean, toggle: () => void] {
  const [last, setLast] = useState(1)
  useEffect(() => {
    if (speed > 0) setLast(speed)
  }, [speed])
  return [speed > 0, () => order({ order: 'pace', speed: speed > 0 ? 0 : last })]
}

const EMPTY_FRAME: Frame = {
  now: 0,
  begins: 0,
  ends: 0,
  looking: false,
  speed: 1,
  settling: false,
  happened: 0,
  prompt: '',
  busy: false,
  editing: undefined,
  undoable: false,
  redoable: false,
}

export function TimeBar({ words, help }: { readonly words: Strings; readonly help: () => void }) {
  const frame = useShown((shown) => shown.frame) ?? EMPTY_FRAME
  const ready = useShown((shown) => shown.frame !== undefined)
  const [playing, toggle] = usePace(frame.speed)
  const [stepped, setStepped] = useState('')
  useEffect(() => setStepped((known) => frame.stepped ?? (frame.speed > 0 ? '' : known)), [frame])
  const pause = () => current().frame?.speed !== 0 && order({ order: 'pace', speed: 0 })
  return (
    <div class="time-bar" role="toolbar" aria-label={words.timeLabel}>
      {frame.looking && <Past words={words} />}
      <div class="time-row">
        <BarButton
          icon={playing ? 'pause' : 'play'}
          says={playing ? words.pause : words.play}
          act={toggle}
          disabled={!ready}
        />
        <BarButton
          icon="step"
          says={words.step}
          hint={words.stepHint}
          disabled={!ready}
          act={() => {
            pause()
            order({ order: 'step' })
          }}
        />
        <fieldset class="speeds" aria-label={words.speed}>
          {SPEEDS.map((speed) => (
            <button
              key={speed}
              type="button"
              aria-pressed={frame.speed === speed}
              onClick={() => order({ order: 'pace', speed })}
              disabled={!ready}
            >
              {`×${speed}`}
            </button>
          ))}
        </fieldset>
        <BarButton
          icon="quiet"
          says={words.quiet}
          hint={words.quietHint}
          act={() => order({ order: 'settle' })}
          pressed={frame.settling}
          disabled={!ready}
        />
        <Scrubber frame={frame} words={words} />
        <output class="clock" aria-label={words.timeLabel} aria-live="off">
          {clockText(frame.now - frame.begins)}
        </output>
        <BarButton
          icon="undo"
          says={words.undo}
          hint={words.undoHint}
          act={() => order({ order: 'undo' })}
          disabled={!frame.undoable}
        />
        <BarButton icon="redo" says={words.redo} act={() => order({ order: 'redo' })} disabled={!frame.redoable} />
        <BarButton
          icon="share"
          says={words.share}
          hint={words.shareHint}
          act={() => void share(words)}
          disabled={!ready}
        />
        <BarButton icon="reset" says={words.reset} act={() => startOver()} />
        <BarButton icon="keys" says={words.keysHelp} hint={`${words.keysHelp} (?)`} act={help} />
      </div>
      {stepped !== '' && (
        <p class="stepped" role="status">
          <code>{stepped}</code>
        </p>
      )}
    </div>
  )
}
