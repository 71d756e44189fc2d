/** Whether a translator's `splits` take a split in; `*` matches any run of characters. */
export const inLine = (
  split: string,
  splits: { only?: string[] | undefined; except?: string[] | undefined },
): boolean =>
  (splits.only === undefined || splits.only.some((pattern) => matches(split, pattern))) &&
  !(splits.except ?? []).some((pattern) => matches(split, pattern))

const matches = (name: string, pattern: string): boolean => {
  const pieces = pattern.split('*')
  if (pieces.length === 1) return name === pattern
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let at = first.length
  const end = name.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
