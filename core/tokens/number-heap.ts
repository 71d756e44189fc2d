/** A priority queue of numbers: the least one stands first. Empty, it is an empty list. */
export type NumberHeap = number[]

/** Adds a number; O(log n). */
export function pushNumber(heap: NumberHeap, value: number): void {
  let at = heap.push(value) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (heap[parent]! <= value) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = value
}

/** Takes the least number out; undefined when there is none. O(log n). */
export function popNumber(heap: NumberHeap): number | undefined {
  const least = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return least
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++
    if (heap[child]! >= last) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
  return least
}
