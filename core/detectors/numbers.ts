import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { type Reading, readingsOf } from './reading.ts'

/** So many numbers of two digits and more, lost without another, are no small ones in words. */
const allLost = 2

/** A number of the source is missing and another one is there instead, or all numbers are missing. */
export const numbers: Detector = {
  reason: 'numbers',
  version: 2,
  find: (pair) => {
    const { source, target } = readingsOf(pair)
    if (!hasDigits(source)) return undefined
    const wanted = countsOf(source)
    if (!hasDigits(target)) {
      const value = [...wanted.keys()].filter((number) => number.length > 1).length
      return value >= allLost ? { reason: 'numbers', value } : undefined
    }
    for (const [number, count] of countsOf(target)) wanted.set(number, (wanted.get(number) ?? 0) - count)
    const left = [...wanted.values()]
    const missing = left.filter((count) => count > 0).length
    const added = left.filter((count) => count < 0).length
    return missing > 0 && added > 0 ? { reason: 'numbers', value: Math.min(missing, added) } : undefined
  },
}

function hasDigits({ counts }: Reading): boolean {
  return counts[unit.digit]! + counts[unit.arabicDigit]! > 0
}

/** How often each number stands in a text, its digits in ASCII. */
function countsOf({ words }: Reading): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { text, script } of words) {
    if (script !== unit.digit && script !== unit.arabicDigit) continue
    const number =
      /^\d+/.exec(text.replace(/[٠-٩۰-۹]/g, (digit) => String((digit.charCodeAt(0) & 0xf) % 10)))?.[0] ?? ''
    counts.set(number, (counts.get(number) ?? 0) + 1)
  }
  return counts
}
