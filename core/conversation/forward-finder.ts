/** Gives the next place of a needle at or behind `from`, or Infinity. */
export type Finder = (from: number) => number

/** Makes a finder whose calls, when `from` never goes back, together read the text once. */
export function forwardFinder(text: string, needle: string): Finder {
  let searchedFrom = 0
  let found = -1
  return (from) => {
    if (from < searchedFrom || from > found) {
      searchedFrom = from
      const at = text.indexOf(needle, from)
      found = at === -1 ? Number.POSITIVE_INFINITY : at
    }
    return found
  }
}
