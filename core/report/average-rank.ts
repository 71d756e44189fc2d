/** A column to rank rows by: scores of which the highest is best, or ranks found elsewhere. */
export type RankColumn = { scores: readonly number[] } | { ranks: readonly number[] }

/**
 * Every row's mean rank over the columns, 1 = best, as in tables 3 to 6 of the SmolKalam paper; equal scores share the
 * mean of their ranks. Throws a RangeError when the columns differ in length.
 */
export function averageRank(columns: readonly RankColumn[]): number[] {
  const ranks = columns.map((column) => ('ranks' in column ? column.ranks : ranksOf(column.scores)))
  const rows = ranks[0]?.length ?? 0
  const uneven = ranks.find((column) => column.length !== rows)
  if (uneven !== undefined) throw new RangeError(`averaging ranks: columns of ${rows} and ${uneven.length} rows`)
  return Array.from({ length: rows }, (_, row) => ranks.reduce((sum, column) => sum + column[row]!, 0) / ranks.length)
}

function ranksOf(scores: readonly number[]): number[] {
  return scores.map((score) => {
    const better = scores.filter((other) => other > score).length
    const equal = scores.filter((other) => other === score).length
    return better + (equal + 1) / 2
  })
}
