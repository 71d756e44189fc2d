import { type Finder, forwardFinder } from '../../conversation/forward-finder.ts'
import { rangeTo, type SpanKind } from '../span.ts'

const forms = [
  ['<!--', '-->'],
  ['{/*', '*/}'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
] as const

/** Comments of HTML and JSX, CDATA, processing instructions and declarations, which no reader of the page sees. */
export const comment: SpanKind = {
  kind: 'comment',
  triggers: '<{',
  reader(text) {
    const finders: Finder[] = forms.map(([, close]) => forwardFinder(text, close))
    return (at) => {
      const form = forms.findIndex(([open]) => text.startsWith(open, at))
      if (form === -1) return undefined
      const [open, close] = forms[form]!
      if (open.length === 2 && !/[A-Za-z]/.test(text[at + 2] ?? '')) return undefined
      return rangeTo(at, finders[form]!(at + open.length) + close.length)
    }
  },
}
