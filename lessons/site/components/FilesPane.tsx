/** The files of the terminal, in an editor. Saving writes to the same file that `cat` and `kubectl apply -f` read. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, order, propose, showPane } from '../page/connection.ts'
import type { Strings } from '../page/strings.ts'
import { useShown } from '../page/use-shown.ts'
import type { YamlEditor } from '../page/yaml-editor.ts'
import type { FileProblem } from '../worker/problems.ts'

const isDark = (): boolean => document.documentElement.dataset.theme !== 'light'

interface EditingProps {
  readonly path: string
  readonly words: Strings
  /** An editor that runs in the terminal waits for the end of it. */
  readonly waits: boolean
  readonly close: () => void
}

function Problems({ problems, words }: { readonly problems: readonly FileProblem[]; readonly words: Strings }) {
  if (problems.length === 0) return <p class="quiet">{words.noProblems}</p>
  return (
    <ul class="problems">
      {problems.map(({ line, says }) => (
        <li key={`${line} ${says}`}>
          <b>{line}</b> {says}
        </li>
      ))}
    </ul>
  )
}

function Editing({ path, words, waits, close }: EditingProps) {
  const element = useRef<HTMLDivElement>(null)
  const editor = useRef<YamlEditor | undefined>(undefined)
  const [problems, setProblems] = useState<readonly FileProblem[]>([])
  const [dirty, setDirty] = useState(false)
  const save = () => {
    if (!editor.current) return
    order({ order: 'save', path, text: editor.current.text() })
    setDirty(false)
  }
  useEffect(() => {
    let gone = false
    const themes = new MutationObserver(() => editor.current?.setDark(isDark()))
    void Promise.all([import('../page/yaml-editor.ts'), ask({ asks: 'file', path })]).then(
      ([{ openYamlEditor }, text]) => {
        if (gone) return
        editor.current = openYamlEditor(element.current!, text ?? '', {
          label: path,
          save,
          changed: () => setDirty(true),
          problems: async (now) => {
            const found = /\.ya?ml$|^\/tmp\//.test(path) || waits ? await ask({ asks: 'problems', text: now }) : []
            setProblems(found)
            return found
          },
        })
        editor.current.setDark(isDark())
        themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
        if (waits) editor.current.focus()
      },
    )
    return () => {
      gone = true
      themes.disconnect()
      editor.current?.dispose()
    }
  }, [path])
  const finish = (keeping: boolean) => {
    if (keeping) save()
    order({ order: 'press', press: 'endOfInput' })
    close()
  }
  return (
    <div class="editing">
      <div class="editing-bar">
        <strong>{path}</strong>
        <span class="quiet" aria-live="polite">
          {dirty ? words.unsaved : ''}
        </span>
        {waits ? (
          <>
            <button type="button" class="main" onClick={() => finish(true)}>
              {words.closeEditor}
            </button>
            <button type="button" onClick={() => finish(false)}>
              {words.quitEditor}
            </button>
          </>
        ) : (
          <>
            <button type="button" onClick={save}>
              {words.save}
            </button>
            <button
              type="button"
              class="main"
              onClick={() => {
                save()
                propose(`kubectl apply -f ${path}`)
              }}
            >
              {words.applyIt}
            </button>
          </>
        )}
      </div>
      <div class="editor" ref={element} />
      <Problems problems={problems} words={words} />
    </div>
  )
}

function useFiles(): readonly [files: readonly string[], refresh: () => void] {
  const happened = useShown((shown) =>
    shown.frame?.busy ? -1 : shown.frame?.prompt === undefined ? 0 : shown.frame.ends - (shown.frame.ends % 2000),
  )
  const [files, setFiles] = useState<readonly string[]>([])
  const refresh = () => void ask({ asks: 'files' }).then(setFiles)
  useEffect(refresh, [happened])
  return [files, refresh]
}

export function FilesPane({ words }: { readonly words: Strings }) {
  const [files, refresh] = useFiles()
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const waiting = useShown((shown) => shown.frame?.editing)
  const path = waiting ?? chosen ?? files[0]
  const add = (event: Event) => {
    event.preventDefault()
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('name') as HTMLInputElement
    const name = input.value.trim()
    if (name === '') return
    if (!files.includes(name)) order({ order: 'save', path: name, text: '' })
    input.value = ''
    setChosen(name)
    refresh()
  }
  return (
    <div class="files">
      <nav class="file-list" aria-label={words.files}>
        {files.length === 0 && <p class="quiet">{words.noFiles}</p>}
        <ul>
          {files.map((file) => (
            <li key={file}>
              <button
                type="button"
                aria-current={file === path ? 'true' : undefined}
                onClick={() => setChosen(file)}
                disabled={waiting !== undefined}
              >
                {file}
              </button>
            </li>
          ))}
        </ul>
        <form onSubmit={add}>
          <input
            name="name"
            aria-label={words.fileName}
            placeholder={words.newFile}
            autocomplete="off"
            spellcheck={false}
          />
        </form>
      </nav>
      {path !== undefined && (
        <Editing
          key={path}
          path={path}
          words={words}
          waits={waiting !== undefined}
          close={() => showPane('terminal')}
        />
      )}
    </div>
  )
}
