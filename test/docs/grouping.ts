/** Items by a key, in the order of their first ones. */
export const grouped = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> => {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

/** One row per group of items, sorted by its key. */
export const rowsBy = <Item, Row>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  rowOf: (items: Item[], first: Item) => Row,
): Row[] => [...grouped(items, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => rowOf(group, group[0]!))

/** The sum; null when every value is. */
export const sumOf = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value !== null && value !== undefined)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** The mean of what is not null; null when all is. */
export const meanOf = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value !== null && value !== undefined)
  return known.length === 0 ? null : sumOf(known)! / known.length
}

/** The value behind a share of the sorted ones. */
export const quantileOf = (values: readonly number[], q: number): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]

/** The number of different texts. */
export const different = (texts: readonly string[]): number => new Set(texts).size
