import type { SpanKind } from '../span.ts'

const mark = /<<[^<>\n]{1,200}>>/y

/** The calculator marks of GSM8K, as `<<48/2=24>>`. */
export const calcMark: SpanKind = {
  kind: 'calc_mark',
  triggers: '<',
  reader(text) {
    return (at) => {
      mark.lastIndex = at
      return mark.test(text) ? { start: at, end: mark.lastIndex } : undefined
    }
  },
}
