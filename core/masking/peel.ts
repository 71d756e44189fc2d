/** White space of JavaScript, which has U+FEFF, and of Unicode, which has U+0085. */
const space = /[\s\p{White_Space}]/u

/** Outer white space of a text stands around a segment, never in it; the three, joined, are the text. */
export function peel(text: string): { before: string; segment: string; after: string } {
  let start = 0
  let end = text.length
  while (start < end && space.test(text[start]!)) start++
  while (end > start && space.test(text[end - 1]!)) end--
  return { before: text.slice(0, start), segment: text.slice(start, end), after: text.slice(end) }
}
