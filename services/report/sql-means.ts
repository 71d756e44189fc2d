import { histogramBins, type Mean, type RatioStats } from '../../core/report/ratio-stats.ts'

/** A row of aggregates by name; null where nothing applied. */
export type Read = Record<string, number | null>

/** Columns that `readMean` reads: mean and count of metrics, what does not apply left out. */
export const meanColumns = (...metrics: string[]): string =>
  metrics
    .map((metric) => `avg(metrics['${metric}']) AS mean_${metric}, count(metrics['${metric}']) AS counted_${metric}`)
    .join(', ')

/** The mean of one metric from a row with `meanColumns`. */
export const readMean = (row: object | undefined, metric: string): Mean => {
  const read = (row ?? {}) as Read
  return { mean: read[`mean_${metric}`] ?? null, counted: read[`counted_${metric}`] ?? 0 }
}

/** A column with the bin of a metric from 0 to 1. */
export const binColumn = (metric: string): string =>
  `toUInt32(least(greatest(floor(assumeNotNull(metrics['${metric}']) * ${histogramBins}), 0), ${histogramBins - 1})) AS bin`

/** A metric's mean and distribution from its mean, its bins and how many there are in all. */
export const ratioStats = (mean: Mean, bins: readonly { bin: number; count: number }[], all: number): RatioStats => {
  const histogram = new Array<number>(histogramBins).fill(0)
  for (const { bin, count } of bins) histogram[bin] = count
  return { ...mean, notApplicable: all - mean.counted, histogram }
}
