/** What a terminal sends for a key, and the name that the line editor knows it by. */

const SEQUENCES: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u001b': 'escape',
  '\u007f': 'backspace',
  '\u001b\u007f': 'alt-backspace',
  '\u001bb': 'alt-b',
  '\u001bf': 'alt-f',
  '\u001bd': 'alt-d',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001b[C': 'right',
  '\u001b[D': 'left',
  '\u001bOA': 'up',
  '\u001bOB': 'down',
  '\u001bOC': 'right',
  '\u001bOD': 'left',
  '\u001b[H': 'home',
  '\u001b[F': 'end',
  '\u001bOH': 'home',
  '\u001bOF': 'end',
  '\u001b[3~': 'delete',
  '\u001b[1;3D': 'alt-b',
  '\u001b[1;3C': 'alt-f',
  '\u001b[1;5D': 'alt-b',
  '\u001b[1;5C': 'alt-f',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals speak in them
const PASTE = /^\u001b\[200~([\s\S]*?)(?:\u001b\[201~)?$/

export type Typed = { readonly key: string } | { readonly text: string }

/** One thing that came from the keyboard: a key with a name, or a text. */
export function typedBy(data: string): Typed {
  const pasted = PASTE.exec(data)
  if (pasted) return { text: pasted[1]!.replace(/\r\n?/g, '\n') }
  const key = SEQUENCES[data]
  if (key) return { key }
  const code = data.charCodeAt(0)
  if (data.length === 1 && code < 32) return { key: `ctrl-${String.fromCharCode(code + 96)}` }
  if (data.startsWith('\u001b')) return { key: 'unknown' }
  return { text: data.replace(/\r\n?/g, '\n') }
}
