/** One invariant: what it looked at and where it does not hold. */
export interface Check {
  name: string
  looked: number
  broken: string[]
}

/** An invariant that is being checked. */
export interface OpenCheck {
  readonly result: Check
  expect(holds: boolean, where: () => string): void
}

const shownBroken = 20

/** Counts an invariant's cases and keeps the first broken ones. */
export const openCheck = (name: string): OpenCheck => {
  const result: Check = { name, looked: 0, broken: [] }
  return {
    result,
    expect(holds, where) {
      result.looked++
      if (!holds && result.broken.length < shownBroken) result.broken.push(where())
    },
  }
}
