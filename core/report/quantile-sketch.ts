/** Counts of values by size, in memory that does not grow with their number. */
export interface QuantileSketch {
  /** Adds a value; not negative. */
  add(value: number): void
  /** The value that a share `q` (0 to 1, nearest rank) of all does not exceed, within 1 %; null when there is none. */
  quantile(q: number): number | null
}

/** The ratio between neighbouring borders; the middle of a bucket is off by at most (growth - 1) / (growth + 1). */
const growth = 1.02
const logGrowth = Math.log(growth)

/** Makes an empty sketch; buckets are about 116 per factor of ten, values below 1 share the one of 0. */
export function quantileSketch(): QuantileSketch {
  const buckets: number[] = []
  let total = 0
  return {
    add(value) {
      const bucket = value < 1 ? 0 : 1 + Math.ceil(Math.log(value) / logGrowth)
      while (buckets.length <= bucket) buckets.push(0)
      buckets[bucket]!++
      total++
    },
    quantile(q) {
      if (total === 0) return null
      let left = Math.max(1, Math.ceil(q * total))
      const bucket = buckets.findIndex((count) => {
        left -= count
        return left <= 0
      })
      return bucket === 0 ? 0 : (2 * growth ** (bucket - 1)) / (growth + 1)
    },
  }
}
