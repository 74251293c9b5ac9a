/**
 * The stage beside a lesson: a picture of the cluster, its terminal, its files and its time. All of them show one world, which lives in the
 * worker.
 */
import { useEffect, useState } from 'preact/hooks'
import {
  ask,
  current,
  dismissNotice,
  openStage,
  order,
  type Pane,
  reopenWithoutLast,
  showPane,
  showSystem,
  startOver,
} from '../page/connection.ts'
import { linkedIn } from '../page/link.ts'
import { type Language, STRINGS, type Strings } from '../page/strings.ts'
import { useShown } from '../page/use-shown.ts'
import type { Beginning } from '../worker/messages.ts'
import { ClusterMap } from './ClusterMap.tsx'
import { FilesPane } from './FilesPane.tsx'
import { Inspector } from './Inspector.tsx'
import { KeyboardHelp } from './KeyboardHelp.tsx'
import { LawsPane } from './LawsPane.tsx'
import { LogPane } from './LogPane.tsx'
import { TableTwin } from './TableTwin.tsx'
import { TerminalPane } from './TerminalPane.tsx'
import { TimeBar } from './TimeBar.tsx'

interface StageProps {
  /** The stage keeps what was done under this name. */
  readonly name: string
  readonly language: Language
  readonly beginning: Beginning
  /** A free cluster may be changed for another. */
  readonly free?: boolean
}

const UPPER: readonly Pane[] = ['map', 'table', 'files', 'log', 'laws']
const NARROW: readonly Pane[] = ['lesson', 'map', 'terminal', 'files', 'log']

function UpperPane({ pane, words }: { readonly pane: Pane; readonly words: Strings }) {
  switch (pane) {
    case 'table':
      return <TableTwin words={words} />
    case 'files':
      return <FilesPane words={words} />
    case 'log':
      return <LogPane words={words} />
    case 'laws':
      return <LawsPane words={words} />
    default:
      return <ClusterMap words={words} />
  }
}

function Notices({ words }: { readonly words: Strings }) {
  const notice = useShown((shown) => shown.notice)
  const restored = useShown((shown) => shown.restored)
  const crashed = useShown((shown) => shown.crashed)
  if (crashed !== undefined)
    return (
      <div class="notice crashed" role="alert">
        <p>
          <strong>{words.crashed}</strong> {words.crashedHelp} <code>{crashed}</code>
        </p>
        <button type="button" onClick={reopenWithoutLast}>
          {words.goOn}
        </button>
        <button type="button" onClick={() => startOver()}>
          {words.startOver}
        </button>
      </div>
    )
  if (notice === undefined && !restored) return null
  return (
    <div class="notice" role="status">
      <p>{notice ?? words.restored}</p>
      {restored && (
        <button type="button" onClick={() => startOver()}>
          {words.startOver}
        </button>
      )}
      <button type="button" onClick={dismissNotice}>
        {words.dismiss}
      </button>
    </div>
  )
}

/** An editor that was started in the terminal brings the files up. */
function useEditorWish(): void {
  const editing = useShown((shown) => shown.frame?.editing)
  useEffect(() => {
    if (editing !== undefined) showPane('files')
  }, [editing])
}

/** On a narrow screen one pane shows; the page around it needs to know which. */
function usePaneOnPage(): void {
  const pane = useShown((shown) => shown.pane)
  useEffect(() => {
    document.documentElement.dataset.pane = pane
  }, [pane])
}

/** Shows a pane and goes to what one uses in it. */
const goTo = (pane: Pane, part: string) => (): void => {
  showPane(pane)
  requestAnimationFrame(() => document.querySelector<HTMLElement>(part)?.focus())
}

const ALT_KEYS: Readonly<Record<string, () => void>> = {
  Digit1: goTo('lesson', 'main h1'),
  Digit2: goTo('map', '.stage .clickable'),
  Digit3: goTo('terminal', '.xterm-helper-textarea'),
  Digit4: goTo('files', '.file-list button'),
  KeyP: () => order({ order: 'pace', speed: current().frame?.speed === 0 ? 1 : 0 }),
  KeyS: () => order({ order: 'step' }),
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

function useKeys(help: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = event.altKey && !event.ctrlKey && !event.metaKey ? ALT_KEYS[event.code] : undefined
      if (act) event.preventDefault()
      act?.()
      if (event.key === '?' && !isTyping(event.target)) help()
    }
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [])
}

async function openHere({ name, beginning }: StageProps): Promise<void> {
  Object.assign(globalThis, { kubefoldHash: () => ask({ asks: 'hash' }) })
  openStage({ name, beginning }, await linkedIn(location.href))
}

const PRESETS = [
  ['one-node', 'oneNode'],
  ['two-nodes', 'twoNodes'],
  ['three-nodes', 'threeNodes'],
  ['six-nodes', 'sixNodes'],
] as const

function PresetChoice({ words, preset }: { readonly words: Strings; readonly preset: string }) {
  const [chosen, setChosen] = useState(preset)
  return (
    <label class="preset">
      <span>{words.preset}</span>
      <select
        value={chosen}
        onChange={({ currentTarget: { value } }) => {
          setChosen(value)
          startOver({ preset: value, seed: 1 })
        }}
      >
        {PRESETS.map(([name, sentence]) => (
          <option key={name} value={name}>
            {words[sentence]}
          </option>
        ))}
      </select>
    </label>
  )
}

export function Stage(props: StageProps) {
  const words = STRINGS[props.language]
  const [helping, setHelping] = useState(false)
  const upper = useShown((shown) => shown.upper)
  const pane = useShown((shown) => shown.pane)
  const system = useShown((shown) => shown.system)
  useEffect(() => void openHere(props), [])
  useEffect(() => {
    if (props.free && current().pane === 'lesson') showPane('terminal')
  }, [])
  useEditorWish()
  usePaneOnPage()
  useKeys(() => setHelping(true))
  const narrow = props.free ? NARROW.slice(1) : NARROW
  return (
    <div class="stage not-content">
      <Notices words={words} />
      <section class="upper" aria-label={words[upper as 'map']}>
        <div class="tabs">
          {UPPER.map((one) => (
            <button key={one} type="button" aria-pressed={one === upper} onClick={() => showPane(one)}>
              {words[one]}
            </button>
          ))}
          <label class="system">
            <input
              type="checkbox"
              checked={system}
              onChange={({ currentTarget }) => showSystem(currentTarget.checked)}
            />
            {words.system}
          </label>
          {props.free && <PresetChoice words={words} preset={props.beginning.preset} />}
        </div>
        <div class="upper-body">
          <UpperPane pane={upper} words={words} />
          <Inspector words={words} />
        </div>
      </section>
      <TerminalPane words={words} />
      <TimeBar words={words} help={() => setHelping(true)} />
      <nav class="pane-bar" aria-label={words.lesson}>
        {narrow.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === pane || (one === 'map' && pane === 'table')}
            onClick={() => showPane(one)}
          >
            {words[one === 'log' ? 'logShort' : one]}
          </button>
        ))}
      </nav>
      <KeyboardHelp words={words} language={props.language} open={helping} close={() => setHelping(false)} />
      <noscript>
        <p class="opening">{words.needsScript}</p>
      </noscript>
    </div>
  )
}
