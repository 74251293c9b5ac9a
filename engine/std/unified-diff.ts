/**
 * The difference of two texts as hunks of lines, found as Python's difflib finds it, which is what the API server's own library does:
 * the longest common block first, then to its left and to its right. Lines that occur too often in a long text are no
 * anchors.
 *
 * Upstream: github.com/pmezard/go-difflib
 */
type Lines = readonly string[]

interface Block {
  readonly a: number
  readonly b: number
  readonly size: number
}

const POPULAR_LENGTH = 200

/** Where each line stands in `b`, popular lines left out. */
function placesOf(b: Lines): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of b.entries()) {
    const before = places.get(line)
    if (before) before.push(index)
    else places.set(line, [index])
  }
  const most = Math.floor(b.length / 100) + 1
  if (b.length >= POPULAR_LENGTH) for (const [line, indexes] of places) if (indexes.length > most) places.delete(line)
  return places
}

interface Range {
  readonly aLow: number
  readonly aHigh: number
  readonly bLow: number
  readonly bHigh: number
}

/** The longest common run of anchors, the earliest of several. */
function longestRun(
  a: Lines,
  places: ReadonlyMap<string, readonly number[]>,
  { aLow, aHigh, bLow, bHigh }: Range,
): Block {
  let best: Block = { a: aLow, b: bLow, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>()
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bLow) continue
      if (j >= bHigh) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  return best
}

/** Lines that are no anchors still belong to a run that they touch. */
function grown(a: Lines, b: Lines, { aLow, aHigh, bLow, bHigh }: Range, run: Block): Block {
  let { a: start, b: other, size } = run
  while (start > aLow && other > bLow && a[start - 1] === b[other - 1]) {
    start--
    other--
    size++
  }
  while (start + size < aHigh && other + size < bHigh && a[start + size] === b[other + size]) size++
  return { a: start, b: other, size }
}

function matchingBlocks(a: Lines, b: Lines): readonly Block[] {
  const places = placesOf(b)
  const blocks: Block[] = []
  const visit = (range: Range): void => {
    const block = grown(a, b, range, longestRun(a, places, range))
    if (block.size === 0) return
    if (range.aLow < block.a && range.bLow < block.b) visit({ ...range, aHigh: block.a, bHigh: block.b })
    blocks.push(block)
    const [aLow, bLow] = [block.a + block.size, block.b + block.size]
    if (aLow < range.aHigh && bLow < range.bHigh) visit({ ...range, aLow, bLow })
  }
  visit({ aLow: 0, aHigh: a.length, bLow: 0, bHigh: b.length })
  return blocks
}

interface Change extends Range {
  readonly equal: boolean
}

/** Both texts from beginning to end, as equal and changed stretches in turn. */
function changesOf(a: Lines, b: Lines): readonly Change[] {
  const changes: Change[] = []
  let [i, j] = [0, 0]
  const push = (aHigh: number, bHigh: number, equal: boolean): void => {
    if (aHigh > i || bHigh > j) changes.push({ aLow: i, aHigh, bLow: j, bHigh, equal })
    i = aHigh
    j = bHigh
  }
  for (const block of [...matchingBlocks(a, b), { a: a.length, b: b.length, size: 0 }]) {
    push(block.a, block.b, false)
    push(block.a + block.size, block.b + block.size, true)
  }
  return merged(changes)
}

/** Neighbouring equal stretches are one. */
function merged(changes: readonly Change[]): readonly Change[] {
  const result: Change[] = []
  for (const change of changes) {
    const last = result.at(-1)
    if (last?.equal && change.equal) result[result.length - 1] = { ...last, aHigh: change.aHigh, bHigh: change.bHigh }
    else result.push(change)
  }
  return result
}

const tail = (change: Change, context: number): Change => ({
  ...change,
  aLow: Math.max(change.aLow, change.aHigh - context),
  bLow: Math.max(change.bLow, change.bHigh - context),
})

const head = (change: Change, context: number): Change => ({
  ...change,
  aHigh: Math.min(change.aHigh, change.aLow + context),
  bHigh: Math.min(change.bHigh, change.bLow + context),
})

/** Changes with a few equal lines around them; those that touch are one hunk. */
function hunksOf(changes: readonly Change[], context: number): readonly (readonly Change[])[] {
  const hunks: Change[][] = []
  let hunk: Change[] = []
  for (const [index, change] of changes.entries()) {
    const [isFirst, isLast] = [index === 0, index === changes.length - 1]
    if (!change.equal) hunk.push(change)
    else if (isFirst) hunk.push(tail(change, context))
    else if (isLast) hunk.push(head(change, context))
    else if (change.aHigh - change.aLow > 2 * context) {
      hunks.push([...hunk, head(change, context)])
      hunk = [tail(change, context)]
    } else hunk.push(change)
  }
  return [...hunks, hunk].filter((some) => some.some(({ equal }) => !equal))
}

function rangeText(low: number, high: number): string {
  const length = high - low
  if (length === 1) return String(low + 1)
  return `${length === 0 ? low : low + 1},${length}`
}

function hunkText(a: Lines, b: Lines, hunk: readonly Change[]): string {
  const [first, last] = [hunk[0]!, hunk.at(-1)!]
  const title = `@@ -${rangeText(first.aLow, last.aHigh)} +${rangeText(first.bLow, last.bHigh)} @@\n`
  const body = hunk.flatMap(({ equal, aLow, aHigh, bLow, bHigh }) =>
    equal
      ? a.slice(aLow, aHigh).map((line) => ` ${line}`)
      : [...a.slice(aLow, aHigh).map((line) => `-${line}`), ...b.slice(bLow, bHigh).map((line) => `+${line}`)],
  )
  return title + body.map((line) => `${line}\n`).join('')
}

/** The hunks, without names of files. */
export function unifiedDiff(before: string, after: string, context = 3): string {
  const [a, b] = [before.split('\n'), after.split('\n')]
  return hunksOf(changesOf(a, b), context)
    .map((hunk) => hunkText(a, b, hunk))
    .join('')
}
