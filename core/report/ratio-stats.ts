/** A mean that leaves out what does not apply. */
export interface Mean {
  /** Null when nothing applied. */
  mean: number | null
  counted: number
}

/** A mean of ratios from 0 to 1 and their distribution. */
export interface RatioStats extends Mean {
  notApplicable: number
  /** Counts in `histogramBins` bins of equal width from 0 to 1; 1 is in the last one. */
  histogram: number[]
}

/** Bins of a histogram. */
export const histogramBins = 50

/** The mean of everything behind several means, each weighted by what it counted. */
export function weightedMean(means: readonly Mean[]): Mean {
  let sum = 0
  let counted = 0
  for (const { mean, counted: weight } of means) {
    if (mean === null) continue
    sum += mean * weight
    counted += weight
  }
  return { mean: counted === 0 ? null : sum / counted, counted }
}
