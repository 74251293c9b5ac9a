/**
 * Which of several equally good nodes is taken. Not a random one: the nodes, in the order in which they were found, are
 * made into a heap with the best on top, and what happens to be on top is chosen.
 *
 * Upstream: pkg/scheduler/schedule_one.go (prioritizeNodes, selectHost)
 */

/** A child rises only if it is strictly better than its parent, the left one of two equals. */
function sink(order: Int32Array, scores: ArrayLike<number>, from: number, size: number): void {
  let parent = from
  for (;;) {
    let child = 2 * parent + 1
    if (child >= size) return
    if (child + 1 < size && scores[order[child + 1]!]! > scores[order[child]!]!) child++
    const [upper, lower] = [order[parent]!, order[child]!]
    if (!(scores[lower]! > scores[upper]!)) return
    order[parent] = lower
    order[child] = upper
    parent = child
  }
}

let used = new Int32Array(1024)

/** The same list again and again: nobody keeps it. */
function heapOf(scores: ArrayLike<number>, count: number): Int32Array {
  if (used.length < count) used = new Int32Array(2 * count)
  const order = used
  for (let i = 0; i < count; i++) order[i] = i
  for (let parent = (count >> 1) - 1; parent >= 0; parent--) sink(order, scores, parent, count)
  return order
}

/** The index of the score that ends on top. */
export const best = (scores: ArrayLike<number>, count: number = scores.length): number => heapOf(scores, count)[0]!
