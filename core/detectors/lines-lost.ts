import type { Detector } from './detector.ts'

/** The target has fewer lines with something on them than the source. */
export const linesLost: Detector = {
  reason: 'lines_lost',
  version: 1,
  find: ({ source, target }) => {
    const value = filledLines(source) - filledLines(target)
    return value > 0 ? { reason: 'lines_lost', value } : undefined
  },
}

function filledLines(text: string): number {
  let lines = 0
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    if (text.slice(at, end).trim() !== '') lines++
    at = end + 1
  }
  return lines
}
