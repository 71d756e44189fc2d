import { digitsApart, type FailedGate } from './gates.ts'

/** A candidate with what its place depends on. */
export interface Judged {
  line: string
  inLine: boolean
  complete: boolean
  flags: Record<string, number>
  metrics: Record<string, number | null>
  /** Why chunks of it failed or were skipped. */
  reasons: readonly string[]
  score: number | null
  failed: FailedGate[]
}

/** One sentence that says what put the first candidate before the second, and why the first is dropped if it is. */
export function explain(ranked: readonly Judged[], weights: Record<string, number>): string {
  const [first, second] = ranked.filter((candidate) => candidate.inLine)
  if (first === undefined) return 'no candidate is in line for this conversation'
  const verdict = first.failed.map(({ text }) => text).join(', ')
  return `${decisionOf(first, second, weights)}${verdict === '' ? '' : `; dropped: ${verdict}`}`
}

function decisionOf(first: Judged, second: Judged | undefined, weights: Record<string, number>): string {
  if (second === undefined) return `${first.line} is the only candidate in line${withScore(first)}`
  if (first.complete !== second.complete) {
    const because = second.reasons.length === 0 ? '' : ` (${second.reasons.join(', ')})`
    return `${first.line} wins: ${second.line} is incomplete${because}`
  }
  if (first.failed.length === 0 && second.failed.length > 0) {
    return `${first.line} wins: of ${second.line}, ${second.failed.map(({ text }) => text).join(', ')}`
  }
  if (!sameScore(first.score, second.score)) return scoreDecision(first, second, weights)
  const tie = `${first.line} and ${second.line} tie${withScore(first)}`
  const [flags, others] = [flagCount(first), flagCount(second)]
  if (flags !== others) return `${tie}; ${first.line} has fewer flags, ${flags} against ${others}`
  return `${tie}; ${first.line} stands first in candidates`
}

function scoreDecision(first: Judged, second: Judged, weights: Record<string, number>): string {
  if (first.score === null || second.score === null) {
    return `${first.line} wins${withScore(first)}: no metric applies to ${second.line}`
  }
  const [won, lost] = digitsApart(first.score, second.score)
  const sentence = `${first.line} wins with a score of ${won} against ${lost} of ${second.line}`
  const decisive = decisiveMetric(first, second, weights)
  if (decisive === undefined) return sentence
  const [more, less] = digitsApart(decisive.first, decisive.second)
  return `${sentence}; ${decisive.metric} decides, ${more} against ${less}`
}

/** The metric that, by its weight, speaks most for the first. */
function decisiveMetric(first: Judged, second: Judged, weights: Record<string, number>) {
  return Object.entries(weights)
    .flatMap(([metric, weight]) => {
      const [a, b] = [first.metrics[metric] ?? null, second.metrics[metric] ?? null]
      return a === null || b === null ? [] : [{ metric, first: a, second: b, gain: weight * (a - b) }]
    })
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain)[0]
}

function withScore({ score }: Judged): string {
  return score === null ? ', without a metric that applies' : `, with a score of ${score.toFixed(3)}`
}

/** Whether two scores are equal but for the rounding of their sums. */
export function sameScore(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : roundedScore(a) === roundedScore(b)
}

/** A score without the rounding errors of its sum: 12 digits. */
export function roundedScore(score: number): number {
  return Math.round(score * 1e12)
}

/** How many flags a candidate has. */
export function flagCount({ flags }: Pick<Judged, 'flags'>): number {
  return Object.values(flags).reduce((sum, count) => sum + count, 0)
}
