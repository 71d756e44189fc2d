/** A source text and its translation. */
export interface Pair {
  source: string
  target: string
}

/** A number about a pair of texts; null means that it does not apply. Pure, and linear in the texts' length. */
export interface Metric {
  /** snake_case; becomes a column. */
  name: string
  /** Whether more is better. */
  direction: 'higher' | 'lower' | 'none'
  /** Raised when results change; part of the settings hash. */
  version: number
  score(pair: Pair): number | null
}
