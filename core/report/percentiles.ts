/** Shares that reports show of a length, in percent. */
export const shownPercentiles = [5, 25, 50, 75, 95, 99, 100] as const

/** A value's size at each of `shownPercentiles`, nearest rank; 100 is the largest. */
export type Percentiles = Record<(typeof shownPercentiles)[number], number>
