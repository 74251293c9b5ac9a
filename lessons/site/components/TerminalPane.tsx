/** The terminal, and under it, where fingers type, an ordinary input line with the keys that phones lack. */
import { useEffect, useRef, useState } from 'preact/hooks'
import {
  ask,
  current,
  notify,
  onPrinted,
  onProposed,
  order,
  select,
  subscribe,
  typedBefore,
} from '../page/connection.ts'
import type { Strings } from '../page/strings.ts'
import type { TerminalScreen } from '../page/terminal-screen.ts'
import type { Scene } from '../worker/scene.ts'

const isDark = (): boolean => document.documentElement.dataset.theme !== 'light'

function selectionFor(scene: Scene | undefined, word: string): { resource: string; key: string } | undefined {
  if (!scene) return undefined
  const named = <T extends { readonly name: string }>(list: readonly T[]) => list.find(({ name }) => name === word)
  const found = (
    [
      ['pods', named(scene.pods)],
      ['deployments.apps', named(scene.deployments)],
      ['replicasets.apps', named(scene.replicaSets)],
      ['services', named(scene.services)],
    ] as const
  ).find(([, view]) => view)
  if (found) return { resource: found[0], key: found[1]!.key }
  return named(scene.nodes) && { resource: 'nodes', key: word }
}

/** The past cannot be changed; typing there says how to go on. */
function enter(lines: readonly string[], words: Strings): boolean {
  const { frame } = current()
  if (!frame) return false
  if (frame.looking) notify(words.past)
  else order({ order: 'enter', lines })
  return !frame.looking
}

async function open(element: HTMLElement, words: Strings): Promise<TerminalScreen> {
  const { openTerminal } = await import('../page/terminal-screen.ts')
  return openTerminal(element, {
    label: words.terminalLabel,
    typedBefore: typedBefore(),
    enter: (lines) => enter(lines, words),
    press: (press) => order({ order: 'press', press }),
    complete: (line) => ask({ asks: 'completion', line }),
    knows: (word) => selectionFor(current().scene, word) !== undefined,
    choose: (word) => select(selectionFor(current().scene, word)),
  })
}

function connect(screen: TerminalScreen): () => void {
  const followPrompt = () => screen.setPrompt(current().frame?.prompt ?? '')
  const follow = [
    onPrinted(screen.print),
    subscribe(followPrompt),
    onProposed((command) => {
      screen.propose(command)
      if (matchMedia('(pointer: fine)').matches) screen.focus()
    }),
  ]
  const themes = new MutationObserver(() => screen.setDark(isDark()))
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  screen.setDark(isDark())
  followPrompt()
  return () => {
    for (const stop of follow) stop()
    themes.disconnect()
    screen.dispose()
  }
}

const TOUCH_KEYS: readonly (readonly [label: string, data: string])[] = [
  ['Tab', '\t'],
  ['Ctrl-C', '\u0003'],
  ['↑', '\u001b[A'],
  ['↓', '\u001b[B'],
]

const SIGNS = ['|', '-', '/', '"', '>'] as const

function TouchLine({ words, screen }: { readonly words: Strings; readonly screen: () => TerminalScreen | undefined }) {
  const [text, setText] = useState('')
  useEffect(() => onProposed(setText), [])
  const submit = (event: Event) => {
    event.preventDefault()
    if (enter([text], words)) setText('')
  }
  return (
    <form class="touch-line" onSubmit={submit}>
      <div class="touch-keys">
        {TOUCH_KEYS.map(([label, data]) => (
          <button
            key={label}
            type="button"
            onClick={() => (data === '\t' ? void completeTouch(text, setText) : screen()?.key(data))}
          >
            {label}
          </button>
        ))}
        {SIGNS.map((sign) => (
          <button key={sign} type="button" onClick={() => setText(text + sign)}>
            {sign}
          </button>
        ))}
      </div>
      <input
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        aria-label={words.commandLine}
        placeholder="kubectl get pods"
        autocapitalize="off"
        autocomplete="off"
        autocorrect="off"
        spellcheck={false}
        enterkeyhint="go"
      />
      <button type="submit" aria-label={words.run}>
        ⏎
      </button>
    </form>
  )
}

async function completeTouch(text: string, setText: (text: string) => void): Promise<void> {
  const { from, words, open: goesOn } = await ask({ asks: 'completion', line: text })
  const { commonBeginning } = await import('../page/line-editor.ts')
  if (words.length > 0)
    setText(text.slice(0, from) + commonBeginning(words) + (words.length === 1 && !goesOn ? ' ' : ''))
}

export function TerminalPane({ words }: { readonly words: Strings }) {
  const element = useRef<HTMLDivElement>(null)
  const screen = useRef<TerminalScreen | undefined>(undefined)
  useEffect(() => {
    let stop = () => {}
    let gone = false
    void open(element.current!, words).then((opened) => {
      if (gone) return opened.dispose()
      screen.current = opened
      stop = connect(opened)
      Object.assign(globalThis, { kubefoldTerminal: opened })
    })
    return () => {
      gone = true
      stop()
    }
  }, [])
  return (
    <section class="terminal-pane" aria-label={words.terminal}>
      <div class="screen" ref={element} />
      <TouchLine words={words} screen={() => screen.current} />
    </section>
  )
}
