import { mathReader } from '../../conversation/display-math.ts'
import { bracketEnd, bracketScan, dollarEnd, dollarScan } from '../../metrics/math-spans.ts'
import { rangeTo, type SpanKind } from '../span.ts'

/** `$$…$$`, `\[…\]`, `[asy]…[/asy]` and environments, where they hold mathematics and not words. */
export const displayMath: SpanKind = {
  kind: 'display_math',
  triggers: '$\\[',
  reader(text) {
    const mathEnd = mathReader(text)
    return (at) => {
      const opener = openers.find((one) => text.startsWith(one, at))
      return opener === undefined ? undefined : rangeTo(at, mathEnd(opener, at))
    }
  },
}

const openers = ['$$', '\\[', '\\b', '[asy]']

/** `$…$` and `\(…\)`. */
export const inlineMath: SpanKind = {
  kind: 'inline_math',
  triggers: '$\\',
  reader(text) {
    const dollars = dollarScan(text)
    const brackets = bracketScan(text)
    return (at) => {
      if (text[at] === '$') return text[at + 1] === '$' ? undefined : rangeTo(at, dollarEnd(dollars, at))
      return text[at + 1] === '(' ? rangeTo(at, bracketEnd(brackets, at)) : undefined
    }
  },
}
