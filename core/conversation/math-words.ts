const sign = /[\\^_=<>{}|+~&]/
const twoWords = /(?<!\p{L})\p{L}{2,}[,;:.]?\s+\p{L}{2,}(?!\p{L})/u
/** What stands between the dollars of `$5 and 10$`. */
const twoAmounts = /^\d[\d.,]*[kKmMbB]?[\s,]+\p{L}+\s+\d[\d.,]*[kKmMbB]?$/u

/** Whether what stands between marks of mathematics is text: two words next to each other without a sign of it, or two amounts. */
export function isWords(between: string): boolean {
  return !sign.test(between) && (twoWords.test(between) || twoAmounts.test(between))
}
