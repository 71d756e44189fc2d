const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * The boundary of grapheme clusters at `at`, or the nearest one before it; `start` must be a boundary and is the least
 * answer. Segments only from the nearest ASCII character before `at` on, or from `start` where there is none.
 */
export function graphemeFloor(text: string, start: number, at: number): number {
  if (at >= text.length) return text.length
  let anchor = at
  while (anchor > start && !surelyBreaksBefore(text, anchor)) anchor--
  if (anchor === at) return at
  const segment = segmenter.segment(text.slice(anchor, at + 2)).containing(at - anchor)
  return segment === undefined ? at : anchor + segment.index
}

/** The place itself, or the one before it when it stands inside a surrogate pair. */
export function codePointFloor(text: string, at: number): number {
  return isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1)) ? at - 1 : at
}

/** A printable ASCII character, tab or line feed starts a cluster, but for CR LF and behind the few prepended marks. */
function surelyBreaksBefore(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit > 0x7e || (unit < 0x20 && unit !== 0x09 && unit !== 0x0a)) return false
  const before = text.charCodeAt(at - 1)
  if (before < 0x600) return unit !== 0x0a || before !== 0x0d
  return (before >= 0x620 && before <= 0x6dc) || (before >= 0x3000 && before <= 0xd7ff)
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
