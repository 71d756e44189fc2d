/** What a draw decides: each looks at bytes of its own, so that one says nothing about another. */
export const draws = { fault: 0, answer: 4, latency: 8, choice: 12 } as const

/** A number from 0 to 1 (excluded) that bytes of a request's SHA-256, a count and a seed decide. */
export const draw = (digest: Buffer, what: keyof typeof draws, round: number, seed: number): number => {
  // The last mixing step of murmur3.
  let x = digest.readUInt32LE(draws[what]) ^ Math.imul(round, 0x9e3779b1) ^ Math.imul(seed, 0x7feb352d)
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
}

/** What a number from 0 to 1 falls on: each of the kinds has its share, what remains is undefined. */
export const pick = <Kind>(number: number, shares: readonly (readonly [Kind, number])[]): Kind | undefined => {
  let end = 0
  for (const [kind, share] of shares) {
    end += share
    if (number < end) return kind
  }
  return undefined
}
