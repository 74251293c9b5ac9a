/** Reads what files say that they leave out: the `Left out:` paragraph of their header. */

export interface LeftOutFile {
  readonly path: string
  readonly says: string
}

export interface Room {
  readonly room: string
  readonly files: readonly LeftOutFile[]
}

/** The paragraph behind `Left out:` up to the next one or the end of the comment. */
export function leftOutIn(text: string): string | undefined {
  const header = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  const lines = header.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trim())
  const first = lines.findIndex((line) => line.startsWith('Left out:'))
  if (first < 0) return undefined
  const after = lines.findIndex((line, index) => index > first && (line === '' || line.startsWith('Upstream:')))
  return lines
    .slice(first, after < 0 ? undefined : after)
    .join(' ')
    .slice('Left out:'.length)
    .trim()
}

/** By room of the engine, in order. */
export function leftOut(texts: Readonly<Record<string, string>>): readonly Room[] {
  const rooms = new Map<string, LeftOutFile[]>()
  for (const path of Object.keys(texts).sort()) {
    const says = leftOutIn(texts[path]!)
    if (says === undefined) continue
    const short = path.slice(path.indexOf('engine/'))
    const room = short.split('/').slice(0, 2).join('/')
    rooms.set(room, [...(rooms.get(room) ?? []), { path: short, says }])
  }
  return [...rooms].map(([room, files]) => ({ room, files }))
}
