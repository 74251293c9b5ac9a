/** Which keys do what: a dialog, opened by `?` or by its button. */
import { useEffect, useRef } from 'preact/hooks'
import type { Language, Strings } from '../page/strings.ts'
import { ICONS } from './icons.tsx'

type Rows = readonly (readonly [keys: string, en: string, zh: string])[]

const ROWS: Rows = [
  ['Tab', 'complete; twice lists what is possible', '补全；按两次列出候选'],
  ['↑ ↓', 'older and newer commands', '上一条、下一条命令'],
  ['Ctrl R', 'search older commands', '搜索历史命令'],
  ['Ctrl A / E', 'begin and end of the line', '行首、行尾'],
  ['Alt B / F', 'a word back, a word forward', '后退、前进一个词'],
  ['Ctrl W / U / K', 'cut a word, to the begin, to the end', '剪切一个词、到行首、到行尾'],
  ['Ctrl Y', 'put back what was cut', '粘贴剪切的内容'],
  ['Ctrl C', 'interrupt; with a selection: copy', '中断；有选中内容时为复制'],
  ['Ctrl D', 'end of input', '输入结束'],
  ['Ctrl L', 'clear the screen', '清屏'],
  ['Esc, Tab', 'leave the terminal', '离开终端'],
  ['Alt 1 … 4', 'lesson, map, terminal, files', '课文、地图、终端、文件'],
  ['Alt P', 'pause and play', '暂停、继续'],
  ['Alt S', 'one step', '单步'],
  ['?', 'this help', '本帮助'],
]

interface HelpProps {
  readonly words: Strings
  readonly language: Language
  readonly open: boolean
  readonly close: () => void
}

export function KeyboardHelp({ words, language, open, close }: HelpProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} class="help" onClose={close} aria-label={words.keysHelp}>
      <header>
        <strong>{words.keysHelp}</strong>
        <button type="button" class="bar-button" aria-label={words.close} onClick={close}>
          {ICONS.close}
        </button>
      </header>
      <dl>
        {ROWS.map(([keys, en, zh]) => [
          <dt key={keys}>
            <kbd>{keys}</kbd>
          </dt>,
          <dd key={`${keys}=`}>{language === 'en' ? en : zh}</dd>,
        ])}
      </dl>
    </dialog>
  )
}
