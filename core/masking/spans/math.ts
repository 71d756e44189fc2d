import { mathReader } from '../../conversation/display-math.ts'
import { isWords } from '../../conversation/math-words.ts'
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

/** `$…$` and `\(…\)`, where they hold mathematics and not words or prices. */
export const inlineMath: SpanKind = {
  kind: 'inline_math',
  triggers: '$\\',
  reader(text) {
    const dollars = dollarScan(text)
    const brackets = bracketScan(text)
    return (at) => {
      const isDollar = text[at] === '$'
      if (text[at + 1] === '$' || (!isDollar && text[at + 1] !== '(')) return undefined
      const end = isDollar ? dollarEnd(dollars, at) : bracketEnd(brackets, at)
      const delimiter = isDollar ? 1 : 2
      if (end === -1 || isWords(text.slice(at + delimiter, end - delimiter))) return undefined
      return { start: at, end }
    }
  },
}
