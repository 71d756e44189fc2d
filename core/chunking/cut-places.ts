/** A place between two characters where a text may be cut; rank 2 ends a sentence, a line or a paragraph, 1 a word. */
export interface CutPlace {
  at: number
  rank: 1 | 2
}

/** How far before the window the end of a sentence is looked for, in UTF-16 units. */
const lookBehind = 32

/** The places in `from`..`to` where white space ends, so that it stays with the piece before the cut; one pass. */
export function cutPlaces(text: string, from: number, to: number): CutPlace[] {
  const places: CutPlace[] = []
  let afterSpace = false
  let ends = false
  const last = Math.min(to, text.length - 1)
  for (let at = Math.max(0, from - lookBehind); at <= last; at++) {
    const unit = text.charCodeAt(at)
    if (isSpace(unit)) {
      afterSpace = true
      if (unit === 0x0a || unit === 0x2029 || unit === 0x2028) ends = true
      continue
    }
    if (afterSpace && at >= from) places.push({ at, rank: ends ? 2 : 1 })
    if (afterSpace || !isClosing(unit)) ends = isTerminator(unit)
    afterSpace = false
  }
  return places
}

/** `.`, `?`, `!` and `…`. */
function isTerminator(unit: number): boolean {
  return unit === 0x2e || unit === 0x3f || unit === 0x21 || unit === 0x2026
}

/** Quotation marks, brackets and asterisks that may stand between the end of a sentence and the white space. */
function isClosing(unit: number): boolean {
  return `"')]*_`.includes(String.fromCharCode(unit)) || unit === 0x201d || unit === 0x2019 || unit === 0xbb
}

/** White space that allows a line break: no-break spaces do not. */
function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)
  if (unit < 0x1680) return unit === 0x85
  if (unit === 0x2007) return false
  return (unit >= 0x2000 && unit <= 0x200a) || [0x1680, 0x2028, 0x2029, 0x205f, 0x3000].includes(unit)
}
