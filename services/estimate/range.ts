/** A figure that lies between two. */
export interface Range {
  low: number
  high: number
}

/** Nothing. */
export const none: Range = { low: 0, high: 0 }

/** A figure that is known. */
export const exactly = (value: number): Range => ({ low: value, high: value })

/** The sum of ranges. */
export const sumOf = (ranges: readonly Range[]): Range =>
  ranges.reduce((sum, { low, high }) => ({ low: sum.low + low, high: sum.high + high }), none)

/** The product of ranges of no negative figures. */
export const times = (...ranges: readonly Range[]): Range =>
  ranges.reduce((product, { low, high }) => ({ low: product.low * low, high: product.high * high }), exactly(1))

/** A figure with so much of it to both sides. */
export const about = (value: number, share: number): Range => ({
  low: Math.max(0, value * (1 - share)),
  high: value * (1 + share),
})
