/** Stands where there is no value. */
export const absent = '–'

const minus = '\u2212'

/** A number with commas for thousands, so many digits behind the point, and a real minus. */
export function formatNumber(value: number, digits = 0): string {
  const [whole = '', fraction] = Math.abs(value).toFixed(digits).split('.')
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',')
  const shown = fraction === undefined ? grouped : `${grouped}.${fraction}`
  return value < 0 && /[1-9]/.test(shown) ? `${minus}${shown}` : shown
}

/** LR, SCR or another ratio: 4 digits for tables, 3 for prose; null reads "not applicable". */
export function formatRatio(ratio: number | null, digits: 3 | 4 = 4): string {
  return ratio === null ? 'not applicable' : formatNumber(ratio, digits)
}

/** A number of tokens: whole below a million, else in M or G with two digits. */
export function formatTokens(tokens: number): string {
  if (Math.round(tokens) < 1e6) return formatNumber(tokens)
  return tokens < 999.995e6 ? formatMillions(tokens) : `${formatNumber(tokens / 1e9, 2)} G`
}

/** A number in millions with two digits, whatever its size, so that a column has one unit. */
export function formatMillions(value: number): string {
  return `${formatNumber(value / 1e6, 2)} M`
}

/** A share from 0 to 1 in percent. */
export function formatPercent(share: number, digits = 1): string {
  return `${formatNumber(share * 100, digits)} %`
}

/** A duration as `340 ms`, `32 s`, `7 min` or `28 h 48 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.9995) return `${formatNumber(seconds * 1000)} ms`
  if (seconds < 59.5) return `${formatNumber(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return `${formatNumber((minutes - rest) / 60)} h${rest === 0 ? '' : ` ${rest} min`}`
}

/** US dollars with cents; what is more than nothing and less than a cent reads `< $0.01`. */
export function formatUsd(usd: number): string {
  return usd > 0 && usd < 0.005 ? '< $0.01' : `${usd < 0 ? minus : ''}$${formatNumber(Math.abs(usd), 2)}`
}

/** A number with its noun, as `1 row` and `2 rows`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`
}

/** Bytes in the largest binary unit that fits, with one decimal below 10. */
export const formatBytes = (bytes: number): string => {
  const [unit, size] = (
    [
      ['GiB', 2 ** 30],
      ['MiB', 2 ** 20],
      ['KiB', 2 ** 10],
    ] as const
  ).find(([, of]) => bytes >= of) ?? ['B', 1]
  return `${formatNumber(bytes / size, size > 1 && bytes / size < 10 ? 1 : 0)} ${unit}`
}
