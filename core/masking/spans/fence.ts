import { fenceReader } from '../../conversation/fence.ts'
import { forwardFinder } from '../../conversation/forward-finder.ts'
import { rangeTo, type SpanKind } from '../span.ts'

/** Fenced code; the parser of messages takes it out before, texts of other origin have it. */
export const fence: SpanKind = {
  kind: 'fence',
  triggers: '`~',
  reader(text) {
    const fenceEnd = fenceReader(text, forwardFinder(text, '</think>'))
    const newlineAt = forwardFinder(text, '\n')
    let lineStart = 0
    let triedLine = -1
    return (at, floor) => {
      if (!text.startsWith(text[at]!.repeat(3), at)) return undefined
      for (let newline = newlineAt(lineStart); newline < at; newline = newlineAt(lineStart)) lineStart = newline + 1
      if (lineStart === triedLine || lineStart < floor) return undefined
      triedLine = lineStart
      return rangeTo(at, fenceEnd(lineStart, false))
    }
  },
}
