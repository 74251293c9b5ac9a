/** The tasks of an exercise, each with how far it is; the first that is missed says what is still wrong. */
import { type Language, STRINGS } from '../page/strings.ts'

interface ExercisePanelProps {
  readonly exercise: string
  readonly language: Language
}

export function ExercisePanel({ exercise, language }: ExercisePanelProps) {
  const words = STRINGS[language]
  return (
    <section class="exercise not-content" aria-label={words.exercise} data-exercise={exercise}>
      <h2>{words.exercise}</h2>
      <p class="quiet">{words.notLoaded}</p>
    </section>
  )
}
