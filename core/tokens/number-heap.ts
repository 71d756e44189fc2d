/** A priority queue of numbers, the least first; both operations are O(log n). */
export interface NumberHeap {
  push(value: number): void
  /** Takes the least one out; undefined when it is empty. */
  pop(): number | undefined
  /** The least one, left in; undefined when it is empty. */
  least(): number | undefined
}

/** Makes an empty heap. */
export function numberHeap(): NumberHeap {
  const values: number[] = []
  return {
    push(value) {
      let at = values.push(value) - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (values[parent]! <= value) break
        values[at] = values[parent]!
        at = parent
      }
      values[at] = value
    },
    least: () => values[0],
    pop() {
      const least = values[0]
      const last = values.pop()
      if (last === undefined || values.length === 0) return least
      sink(values, last)
      return least
    },
  }
}

/** Puts a value in the place of the least one and restores the order. */
function sink(values: number[], value: number): void {
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= values.length) break
    if (child + 1 < values.length && values[child + 1]! < values[child]!) child++
    if (values[child]! >= value) break
    values[at] = values[child]!
    at = child
  }
  values[at] = value
}
