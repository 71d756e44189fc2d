/** Gives the end of the group that the `{` at a place opens, or -1; the text is read once, at the first question. */
export function braceEnds(text: string): (open: number) => number {
  let ends: Int32Array | undefined
  return (open) => {
    ends ??= matchBraces(text)
    return ends[open] || -1
  }
}

/** By the place of each `{`, where the group ends; 0 where it does not. Braces behind a backslash are text. */
function matchBraces(text: string): Int32Array {
  const ends = new Int32Array(text.length)
  const open: number[] = []
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x5c) at++
    else if (unit === 0x7b) open.push(at)
    else if (unit === 0x7d) {
      const start = open.pop()
      if (start !== undefined) ends[start] = at + 1
    }
  }
  return ends
}
