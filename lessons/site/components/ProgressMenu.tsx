/** What is kept about the learner, and how to take it along or be rid of it. */
import { useRef, useState } from 'preact/hooks'
import { eraseProgress, exported, importProgress } from '../page/progress.ts'
import type { Strings } from '../page/strings.ts'

function download(): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([exported()], { type: 'application/json' }))
  link.download = 'kubefold-progress.json'
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

export function ProgressMenu({ words }: { readonly words: Strings }) {
  const file = useRef<HTMLInputElement>(null)
  const [says, setSays] = useState('')
  const read = async () => {
    const chosen = file.current?.files?.[0]
    if (!chosen) return
    if (importProgress(await chosen.text())) location.reload()
    else setSays(words.notOurs)
  }
  return (
    <details class="progress-menu">
      <summary>{words.progress}</summary>
      <div>
        <button type="button" onClick={download}>
          {words.exportProgress}
        </button>
        <button type="button" onClick={() => file.current?.click()}>
          {words.importProgress}
        </button>
        <button
          type="button"
          onClick={() => {
            eraseProgress()
            location.reload()
          }}
        >
          {words.eraseProgress}
        </button>
        <input ref={file} type="file" accept="application/json" hidden onChange={() => void read()} />
        <p role="status">{says}</p>
      </div>
    </details>
  )
}
