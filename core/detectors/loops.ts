/** A stretch of values that repeats itself: `length` values from `start` on equal those `period` before them. */
export interface Loop {
  start: number
  period: number
  length: number
}

/**
 * The longest stretch, in its repeats, of values that repeat with a period of at most `longest`; undefined when none repeats
 * `times` times, or is not `least` values long in its repeats. Linear for each period, and far less where nothing repeats: the end of the
 * shortest stretch that could begin at a place is looked at first.
 */
export function longestLoop(
  values: ArrayLike<number>,
  { longest, times, least }: { longest: number; times: number; least: number },
): Loop | undefined {
  let best: Loop | undefined
  for (let period = 1; period <= longest; period++) {
    const shortest = Math.max(least, period * (times - 1), (best?.length ?? 0) + 1)
    const found = longestRun(values, period, shortest)
    if (found) best = { start: found.from - period, period, length: found.to - found.from }
  }
  return best
}

/** The longest stretch, the first of several, of at least `shortest` values that equal those `period` before them. */
function longestRun(
  values: ArrayLike<number>,
  period: number,
  shortest: number,
): { from: number; to: number } | undefined {
  let best: { from: number; to: number } | undefined
  let need = shortest
  // What stands from `from` up to `known` is known to repeat.
  let known = period
  for (let from = period; from + need <= values.length; ) {
    let at = from + need - 1
    while (at >= known && values[at] === values[at - period]) at--
    if (at >= known) {
      known = from + need
      from = at + 1
      continue
    }
    let to = from + need
    while (to < values.length && values[to] === values[to - period]) to++
    best = { from, to }
    need = to - from + 1
    from = to + 1
    known = from
  }
  return best
}
