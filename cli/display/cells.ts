import stringWidth from 'string-width'
import { formatNumber } from '../../core/report/format.ts'

/** A text padded to a width in terminal columns, with at least one space; longer texts are cut. */
export const cell = (text: string, width: number, right = false): string => {
  const shown = cut(text, width - 1)
  const space = ' '.repeat(Math.max(0, width - stringWidth(shown)))
  return right ? space + shown : shown + space
}

/** A text of at most so many terminal columns; a longer one ends in …. */
export const cut = (text: string, width: number): string => {
  if (stringWidth(text) <= width) return text
  let shown = ''
  let used = 1
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment)
    if (used > width) break
    shown += segment
  }
  return `${shown}…`
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** 1234567 as 1,234,567. */
export const thousands = (value: number): string => formatNumber(value)
