/** A stretch of values that repeats itself: `length` values from `start` on equal those `period` before them. */
export interface Loop {
  start: number
  period: number
  length: number
}

/**
 * The longest stretch, in its repeats, of values that repeat with a period of at most `longest`; undefined when none repeats
 * `times` times, or is not `least` values long in its repeats. Linear: one pass for each period.
 */
export function longestLoop(
  values: ArrayLike<number>,
  { longest, times, least }: { longest: number; times: number; least: number },
): Loop | undefined {
  let best: Loop | undefined
  for (let period = 1; period <= longest; period++) {
    let length = 0
    for (let at = period; at <= values.length; at++) {
      if (at < values.length && values[at] === values[at - period]) {
        length++
        continue
      }
      if (length >= Math.max(least, period * (times - 1)) && length > (best?.length ?? 0))
        best = { start: at - length - period, period, length }
      length = 0
    }
  }
  return best
}
