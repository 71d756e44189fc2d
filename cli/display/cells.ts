import stringWidth from 'string-width'

/** A text padded to a width in terminal columns; longer texts are cut. */
export const cell = (text: string, width: number, right = false): string => {
  let shown = text
  while (stringWidth(shown) > width - 1) shown = shown.slice(0, -1)
  const space = ' '.repeat(Math.max(0, width - stringWidth(shown)))
  return right ? space + shown : shown + space
}

/** 1234567 as 1,234,567. */
export const thousands = (value: number): string => Math.round(value).toLocaleString('en-US')

/** Milliseconds as 480 ms, 12 s, 3 min 20 s or 28 h 48 min. */
export const duration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const s = Math.round(ms / 1000)
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}

/** A share of a whole in percent, one digit; – of nothing. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`

/** A metric with three digits; "not applicable" for null. */
export const metric = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? 'not applicable' : value.toFixed(digits)
