/** Commands in the text can be put at the prompt by a press: the reader decides, and Enter still is theirs. */
import { propose } from './connection.ts'
import { STRINGS } from './strings.ts'

const isChinese = (): boolean => document.documentElement.lang === 'zh-CN'

/** The command with the lines that go on with it. */
function commandAt(line: Element): string {
  const lines = [line.textContent!.trim().slice(2)]
  for (let next = line.nextElementSibling; next?.textContent?.startsWith('> '); next = next.nextElementSibling)
    lines.push(next.textContent.replace(/\n$/, '').slice(2))
  return lines.join('\n')
}

function typeButton(command: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'type-button'
  button.textContent = '▸'
  button.title = STRINGS[isChinese() ? 'zh-cn' : 'en'].run
  button.setAttribute('aria-label', `${button.title}: ${command}`)
  button.addEventListener('click', () => propose(command))
  return button
}

export function addTypeButtons(): void {
  if (!document.querySelector('.stage')) return
  for (const line of document.querySelectorAll('.prose pre[data-language="console"] .ec-line')) {
    const text = line.textContent ?? ''
    if (/^\+\d/.test(text)) line.classList.add('pause')
    if (!text.startsWith('$ ')) continue
    line.classList.add('command')
    line.prepend(typeButton(commandAt(line)))
  }
}
