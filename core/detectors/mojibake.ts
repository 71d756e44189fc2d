import type { Detector } from './detector.ts'

/** UTF-8 read as another encoding: Arabic comes out as Ø and Ù with signs behind, quotation marks as â€. */
const broken =
  /\ufffd|(?:[ØÙÚÛ][\u0080-\u00bf\u2018-\u203a\u0152-\u0192\u02c6\u02dc\u20ac\u2122]){2}|â€[\u0080-\u00bf\u2018-\u203a\u0153\u02dc\u20ac\u2122]|Ã[\u0080-\u00bf]/

/** Letters that were lost or broken by a wrong encoding, which the source has not. */
export const mojibake: Detector = {
  reason: 'mojibake',
  version: 1,
  find: ({ source, target }) => {
    const found = broken.exec(target)
    return found === null || broken.test(source)
      ? undefined
      : { reason: 'mojibake', start: found.index, end: found.index + found[0].length }
  },
}
