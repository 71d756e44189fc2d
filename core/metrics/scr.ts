import { unitReader } from '../unit-reader.ts'
import { charClass, codePointClass, unitClasses } from './char-class.ts'
import type { Metric } from './metric.ts'
import { whitelistedSpans } from './whitelist.ts'

/** Letters and digits of a text by script; can be summed. */
export interface ScriptCounts {
  /** Letters and decimal digits whose Script_Extensions contain Arabic. */
  arabic: number
  /** All other letters. */
  latin: number
  /** ASCII digits. */
  digits: number
}

const unitsOf = unitReader()

/** Counts letters and digits outside of links, code and mathematics; everything else, marks included, is not counted. */
export function scriptCounts(text: string): ScriptCounts {
  const tally = new Float64Array(5)
  const spans = whitelistedSpans(text)
  const units = unitsOf(text)
  let at = 0
  for (const { start, end } of spans) {
    countRange(text, units, at, start, tally)
    at = end
  }
  countRange(text, units, at, text.length, tally)
  return { arabic: tally[charClass.arabic]!, latin: tally[charClass.latin]!, digits: tally[charClass.digit]! }
}

function countRange(text: string, units: Uint16Array, start: number, end: number, tally: Float64Array): void {
  for (let at = start; at < end; at++) {
    const unit = units[at]!
    if (unit >= 0xd800 && unit < 0xdc00) {
      const codePoint = text.codePointAt(at)!
      tally[codePointClass(codePoint)]!++
      if (codePoint > 0xffff) at++
    } else tally[unitClasses[unit]!]!++
  }
}

/**
 * The script purity of section 3.5 of the SmolKalam paper: the Arabic share divided by tau, at most 1; null when there
 * is no letter or digit to judge.
 */
export function scriptRatio({ arabic, latin, digits }: ScriptCounts, tau = 0.9): number | null {
  const all = arabic + latin + digits
  return all === 0 ? null : Math.min(1, arabic / all / tau)
}

/** The script purity that a translation can reach which writes the source's digits as they are; null as for scriptRatio. */
export function reachableRatio({ arabic, latin, digits }: ScriptCounts, tau = 0.9): number | null {
  return scriptRatio({ arabic: arabic + latin, latin: 0, digits }, tau)
}

/** The script purity of the target as a metric; tau is the Arabic share from which on it is 1. */
export function scr({ tau = 0.9 }: { tau?: number } = {}): Metric {
  return {
    name: 'scr',
    direction: 'higher',
    version: 1,
    score: ({ target }) => scriptRatio(scriptCounts(target), tau),
  }
}
