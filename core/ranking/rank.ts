import type { Candidate, Ranked } from '../../schemas/records.ts'
import { explain, flagCount, type Judged, roundedScore } from './explain.ts'
import { failedGates, type KeepSettings } from './gates.ts'

/** Raised when the same candidates get another verdict; part of the settings hash. */
export const rankVersion = 2

/** One candidate of a conversation: its conversation scores, and how many flags of each kind it has. */
export interface RankInput {
  line: string
  inLine: boolean
  complete: boolean
  pseudo: boolean
  flags: Record<string, number>
  metrics: Record<string, number | null>
  /** Why chunks of it failed or were skipped. */
  reasons: readonly string[]
}

/** How to rank: weights of the score by metric, and what the winner must pass. */
export interface RankSettings {
  weights: Record<string, number>
  keep: KeepSettings
}

/**
 * Ranks the candidates of one conversation: in line first, then complete before incomplete, gates passed before not, the
 * higher score, fewer flags, the order given. Score = weighted mean of the metrics that apply; of those with a weight below zero less is better. The winner is dropped when
 * it fails a gate. Throws a RangeError on a threshold that cannot be read.
 */
export function rank(candidates: readonly RankInput[], { weights, keep }: RankSettings): Ranked {
  const judged: (RankInput & Judged)[] = []
  for (const candidate of candidates) {
    const score = candidate.inLine ? scoreOf(candidate.metrics, weights) : null
    judged.push({ score, failed: failedGates(candidate, keep), ...candidate })
  }
  const ranked = judged.toSorted(compare)
  const [first, second] = ranked.filter((candidate) => candidate.inLine)
  const reasons = first === undefined ? ['no_candidate'] : first.failed.map(({ code }) => code)
  return {
    winner: first?.line ?? null,
    why: explain(ranked, weights),
    margin: first?.score == null || second?.score == null ? null : first.score - second.score,
    keep: reasons.length === 0,
    pseudo: first?.pseudo ?? false,
    reasons,
    candidates: judged.map((candidate) => recordOf(candidate, ranked.indexOf(candidate))),
  }
}

/** The weighted mean of the metrics that apply, or null; a weight below zero counts for as much as its opposite. */
function scoreOf(metrics: Record<string, number | null>, weights: Record<string, number>): number | null {
  let sum = 0
  let total = 0
  for (const [metric, weight] of Object.entries(weights)) {
    const value = metrics[metric] ?? null
    if (value === null) continue
    sum += weight * value
    total += Math.abs(weight)
  }
  return total === 0 ? null : sum / total
}

function compare(a: Judged, b: Judged): number {
  return (
    Number(b.inLine) - Number(a.inLine) ||
    Number(b.complete) - Number(a.complete) ||
    Number(a.failed.length > 0) - Number(b.failed.length > 0) ||
    compareScores(a.score, b.score) ||
    flagCount(a) - flagCount(b)
  )
}

/** The higher first; null, not applicable, last. */
function compareScores(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return roundedScore(b) - roundedScore(a)
}

function recordOf(candidate: Judged & RankInput, index: number): Candidate {
  const { line, score, complete, inLine, pseudo, flags, metrics, failed } = candidate
  return {
    line,
    place: inLine ? index + 1 : null,
    score,
    complete,
    in_line: inLine,
    pseudo,
    flags,
    metrics,
    reasons: failed.map(({ code }) => code),
  }
}
