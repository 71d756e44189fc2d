import { codeSpanFinder } from '../../conversation/code-span.ts'
import { rangeTo, type SpanKind } from '../span.ts'

/** Inline code, which is closed on its line by as many backticks as open it. */
export const inlineCode: SpanKind = {
  kind: 'inline_code',
  triggers: '`',
  reader(text) {
    const codeEnd = codeSpanFinder(text)
    return (at) => {
      let behind = at + 1
      while (text[behind] === '`') behind++
      return rangeTo(at, codeEnd(at, behind - at))
    }
  },
}
