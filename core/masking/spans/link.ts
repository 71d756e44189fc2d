import { emailAt, urlAtColon, urlAtWww } from '../../metrics/link-spans.ts'
import type { SpanKind } from '../span.ts'

/** `scheme://…` and `www.…`. */
export const url: SpanKind = {
  kind: 'url',
  triggers: ':wW',
  reader(text) {
    return (at, floor) => {
      const found = text[at] === ':' ? urlAtColon(text, at, floor) : urlAtWww(text, at)
      if (found === null) return undefined
      // `[www.a.b](https://www.a.b)`: the text of a link ends here.
      const linkText = text.slice(found.start, found.end).indexOf('](')
      return linkText === -1 ? found : { start: found.start, end: found.start + linkText }
    }
  },
}

/** What a Markdown link or image points to, as in `[a](/b/c#d "title")`, without the title. */
export const linkTarget: SpanKind = {
  kind: 'url',
  triggers: '(',
  reader(text) {
    return (at) => {
      if (text[at - 1] !== ']') return undefined
      target.lastIndex = at + 1
      const match = target.exec(text)
      return match === null ? undefined : { start: at + 1, end: at + 1 + match[1]!.length }
    }
  },
}

const target = /([^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200})?)(?=\)|[ \t]{1,9}["'])/y

/** E-mail addresses. */
export const email: SpanKind = {
  kind: 'email',
  triggers: '@',
  reader(text) {
    return (at, floor) => emailAt(text, at, floor) ?? undefined
  },
}
