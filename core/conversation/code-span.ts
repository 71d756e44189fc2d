/** Gives the end of the inline code opened by a run of `length` backticks at `start`, or -1; it never leaves the line. */
export type CodeSpanFinder = (start: number, length: number) => number

/** Makes a finder of inline code that reads every line once, however many runs of backticks it has. */
export function codeSpanFinder(text: string): CodeSpanFinder {
  let lineEnd = -1
  let runs = new Map<number, number[]>()
  return (start, length) => {
    if (start >= lineEnd) {
      const newline = text.indexOf('\n', start)
      lineEnd = newline === -1 ? text.length : newline
      runs = runsByLength(text, start, lineEnd)
    }
    const starts = runs.get(length) ?? []
    while (starts.length > 0 && starts[starts.length - 1]! <= start) starts.pop()
    const close = starts[starts.length - 1]
    return close === undefined ? -1 : close + length
  }
}

/** The starts of all runs of backticks by their length, the last one first. */
function runsByLength(text: string, start: number, end: number): Map<number, number[]> {
  const runs = new Map<number, number[]>()
  let at = text.indexOf('`', start)
  while (at !== -1 && at < end) {
    let behind = at + 1
    while (text[behind] === '`') behind++
    const starts = runs.get(behind - at)
    if (starts === undefined) runs.set(behind - at, [at])
    else starts.push(at)
    at = text.indexOf('`', behind)
  }
  for (const starts of runs.values()) starts.reverse()
  return runs
}
