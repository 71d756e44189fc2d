import { failureCode, parseThreshold, passes, type Threshold } from './threshold.ts'

/** What a winner must pass; the thresholds are texts like `>= 0.4`. */
export interface KeepSettings {
  complete: boolean
  lr?: string | undefined
  scr?: string | undefined
  /** By the names of other metrics. */
  metrics: Record<string, string>
}

/** A gate that a candidate does not pass: its stable code and how it reads in a sentence. */
export interface FailedGate {
  code: string
  text: string
}

/** What gates look at. */
export interface GatedCandidate {
  inLine: boolean
  complete: boolean
  metrics: Record<string, number | null>
}

/**
 * The gates that a candidate does not pass, in the order complete, lr, scr, others; not applicable passes. The scr is judged
 * as a share of what the digits of the source allow (`scr_reachable`), so that a table of numbers is not dropped for them.
 */
export function failedGates(candidate: GatedCandidate, keep: KeepSettings): FailedGate[] {
  if (!candidate.inLine) return [{ code: 'not_in_line', text: 'it is not in line' }]
  const failed: FailedGate[] = []
  if (keep.complete && !candidate.complete) failed.push({ code: 'incomplete', text: 'it is incomplete' })
  for (const [metric, text] of thresholdsOf(keep)) {
    const threshold = parseThreshold(text)
    const value = candidate.metrics[metric] ?? null
    const most = metric === 'scr' ? (candidate.metrics.scr_reachable ?? 1) : 1
    const judged = value === null || most === 0 ? null : most < 1 ? Math.min(1, value / most) : value
    if (judged === null || passes(threshold, judged)) continue
    const shown = most < 1 ? `${judged.toFixed(3)} of the reachable ${most.toFixed(3)}` : beside(judged, threshold)
    failed.push({ code: failureCode(metric, threshold), text: `${metric} ${shown} is not ${threshold.text}` })
  }
  return failed
}

function thresholdsOf({ lr, scr, metrics }: KeepSettings): [metric: string, threshold: string][] {
  const own = Object.entries({ lr, scr }).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return [...own, ...Object.entries(metrics)]
}

function beside(value: number, { value: bound }: Threshold): string {
  return digitsApart(value, bound)[0]
}

/** Two numbers with three digits behind the point, or as many more as it takes to see that they differ. */
export function digitsApart(a: number, b: number): [string, string] {
  for (let digits = 3; digits < 17; digits++) {
    const [shownA, shownB] = [a.toFixed(digits), b.toFixed(digits)]
    if (shownA !== shownB || a === b) return [shownA, shownB]
  }
  return [String(a), String(b)]
}
