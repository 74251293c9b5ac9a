/**
 * The tasks of an exercise, each with how far it is. The engine looks whenever the cluster has changed; the first task that is not met says
 * what is missing, with names from the learner's own cluster. There is no button to press.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import { sentence } from '../../../engine/check/sentences.ts'
import { ask, order, propose, startOver } from '../page/connection.ts'
import { type ExerciseProgress, noteProgress, progressIn } from '../page/progress.ts'
import { type Language, STRINGS, type Strings } from '../page/strings.ts'
import { useShown } from '../page/use-shown.ts'
import type { Graded } from '../worker/exercise.ts'
import type { ExerciseProse } from './exercise-texts.ts'
import { ICONS } from './icons.tsx'
import { ProgressMenu } from './ProgressMenu.tsx'

interface ExercisePanelProps {
  readonly exercise: string
  readonly language: Language
  readonly prose: ExerciseProse | undefined
}

type TaskProse = ExerciseProse['tasks'][number]
type TaskState = Graded['tasks'][number]

/** Between two looks; a look may let a copy of the world run for minutes of its time. */
const PATIENCE_MILLIS = 700

/** How far one is, looked at again whenever something was written or answered. */
function useGrade(exercise: string): Graded | undefined {
  const revision = useShown((shown) => (shown.frame?.looking ? -1 : (shown.scene?.revision ?? -1)))
  const busy = useShown((shown) => shown.frame?.busy)
  const [graded, setGraded] = useState<Graded | undefined>(undefined)
  const waiting = useRef(false)
  useEffect(() => {
    if (revision < 0 || waiting.current) return
    waiting.current = true
    setTimeout(() => {
      waiting.current = false
      void ask({ asks: 'grade', exercise }).then(setGraded)
    }, PATIENCE_MILLIS)
  }, [revision, busy])
  return graded
}

function useProgress(
  exercise: string,
  graded: Graded | undefined,
): readonly [ExerciseProgress, (hint: string) => void] {
  const [known, setKnown] = useState<ExerciseProgress>(() => ({ done: false, met: [], hints: [], answers: {} }))
  useEffect(() => setKnown(progressIn(exercise)), [])
  useEffect(() => {
    if (!graded?.loaded) return
    const met = graded.tasks.filter(({ state }) => state === 'met').map(({ id }) => id)
    const before = progressIn(exercise)
    if (met.some((id) => !before.met.includes(id)) || (graded.done && !before.done))
      setKnown(noteProgress(exercise, { done: before.done || graded.done, met: [...new Set([...before.met, ...met])] }))
  }, [graded])
  const note = (hint: string) =>
    setKnown(noteProgress(exercise, { hints: [...new Set([...progressIn(exercise).hints, hint])] }))
  return [known, note]
}

function AnswerForm({ task, words }: { readonly task: string; readonly words: Strings }) {
  const [text, setText] = useState('')
  const submit = (event: Event) => {
    event.preventDefault()
    if (text.trim() !== '') order({ order: 'enter', lines: [`answer ${task} ${text.trim()}`] })
  }
  return (
    <form class="answer" onSubmit={submit}>
      <input
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        aria-label={words.answer}
        placeholder={words.answer}
        autocomplete="off"
        spellcheck={false}
      />
      <button type="submit">{words.submit}</button>
    </form>
  )
}

interface TaskProps {
  readonly task: TaskProse
  readonly state: TaskState | undefined
  readonly says: string | undefined
  readonly opened: number
  readonly openHint: () => void
  readonly words: Strings
}

function Task({ task, state, says, opened, openHint, words }: TaskProps) {
  const isMet = state?.state === 'met'
  return (
    <li class={`task ${state?.state ?? 'pending'}`}>
      <span class="task-sign" role="img" aria-label={isMet ? words.met : words.pending}>
        {isMet ? ICONS.check : null}
      </span>
      <div>
        <p>{task.text}</p>
        {says !== undefined && <p class="nearest">{says}</p>}
        {!isMet && task.answered && <AnswerForm task={task.id} words={words} />}
        {task.hints.slice(0, opened).map((hint) => (
          <p key={hint} class="hint">
            {hint}
          </p>
        ))}
        {!isMet && opened < task.hints.length && (
          <button type="button" class="quiet-button" onClick={openHint}>
            {opened === 0 ? words.hint : words.moreHint}
          </button>
        )}
      </div>
    </li>
  )
}

function Solution({ lines, words }: { readonly lines: readonly string[]; readonly words: Strings }) {
  if (lines.length === 0) return null
  return (
    <details class="solution">
      <summary>{words.solution}</summary>
      <ol>
        {lines.map((line) => (
          <li key={line}>
            <button type="button" onClick={() => propose(line)} title={words.run}>
              <code>{line}</code>
            </button>
          </li>
        ))}
      </ol>
    </details>
  )
}

/** The sentence about the first task that could be done now and is not. */
function nearestMiss(
  graded: Graded | undefined,
  prose: ExerciseProse,
  language: Language,
): readonly [id: string, says: string] | undefined {
  const next = graded?.tasks.find(({ state, unmet }) => state !== 'met' && unmet?.says !== 'first')
  if (!next?.unmet) return undefined
  return [next.id, sentence(next.unmet.says, next.unmet.facts, language, prose.says)]
}

export function ExercisePanel({ exercise, language, prose }: ExercisePanelProps) {
  const words = STRINGS[language]
  const graded = useGrade(exercise)
  const [known, noteHint] = useProgress(exercise, graded)
  const touched = useShown((shown) => shown.frame?.undoable ?? false)
  if (!prose) return <p class="quiet">{words.notLoaded}</p>
  const miss = touched ? nearestMiss(graded, prose, language) : undefined
  const stateOf = (id: string) => graded?.tasks.find((task) => task.id === id)
  const hintsOf = (id: string) => known.hints.filter((hint) => hint.startsWith(`${id}/`)).length
  return (
    <section class="exercise not-content" aria-label={words.exercise}>
      <header>
        <h3>{prose.title}</h3>
        <ProgressMenu words={words} />
      </header>
      {graded && !graded.loaded && <p class="quiet">{words.notLoaded}</p>}
      <ol class="tasks">
        {prose.tasks.map((task) => (
          <Task
            key={task.id}
            task={task}
            state={stateOf(task.id)}
            says={miss?.[0] === task.id ? miss[1] : undefined}
            opened={hintsOf(task.id)}
            openHint={() => noteHint(`${task.id}/${hintsOf(task.id)}`)}
            words={words}
          />
        ))}
      </ol>
      <p class="verdict" role="status" aria-live="polite">
        {graded?.done ? words.solved : known.done ? words.solvedBefore : ''}
      </p>
      <footer>
        <Solution lines={prose.solution} words={words} />
        <button type="button" class="quiet-button" onClick={() => startOver()} disabled={!touched}>
          {words.startOver}
        </button>
      </footer>
    </section>
  )
}
