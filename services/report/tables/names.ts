import type { LineReport, RankingReport } from '../report-data.ts'

/** Stands behind every name of a line or ranking whose text is no translation. */
export const pseudoMark = 'pseudo, no translation'

/** Stands where rankings would, in a pipeline without any. */
export const noRanking = 'There is no ranking.'

/** A line's name, marked where its text is no translation. */
export const lineName = ({ line, pseudo }: Pick<LineReport, 'line' | 'pseudo'>): string =>
  pseudo ? `${line} (${pseudoMark})` : line

/** A ranking's name, marked where a winner's text is no translation. */
export const rankingName = ({ ranking, pseudo }: Pick<RankingReport, 'ranking' | 'pseudo'>): string =>
  pseudo ? `${ranking} (${pseudoMark})` : ranking

/** Names as a sentence has them: `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
