import type { SpanKind } from '../span.ts'

const reference = /&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});/y

/** Character references of HTML, as `&nbsp;` and `&#8217;`. */
export const entity: SpanKind = {
  kind: 'entity',
  triggers: '&',
  reader(text) {
    return (at) => {
      reference.lastIndex = at
      return reference.test(text) ? { start: at, end: reference.lastIndex } : undefined
    }
  },
}
