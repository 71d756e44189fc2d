import { absent, formatDuration, formatNumber, formatTokens, formatUsd } from '../../core/report/format.ts'
import type { Range } from '../../services/estimate/range.ts'

/** A range in one form: once where both ends read the same. */
export const rangeText = ({ low, high }: Range, format: (value: number) => string): string => {
  const [from, to] = [format(low), format(high)]
  if (from === to) return from
  // 1.20 M–1.35 M reads as 1.20–1.35 M.
  const unit = / [A-Za-z]+$/.exec(to)?.[0] ?? ''
  const bare = from.endsWith(unit) ? from.slice(0, from.length - unit.length) : from
  return `${/^[\d,.]+$/.test(bare) ? bare : from}–${to}`
}

/** A range of counts. */
export const countRange = (range: Range): string => rangeText(range, (value) => formatNumber(Math.round(value)))

/** A range of tokens. */
export const tokenRange = (range: Range): string => rangeText(range, formatTokens)

/** A range of dollars, or that no price is known. */
export const usdRange = (range: Range | undefined): string =>
  range
    ? rangeText(range, formatUsd)
        .replace('–$', '–')
        .replace(/^< \S+–/, 'up to $')
    : 'price not known'

/** A range of seconds; nothing reads as such. */
export const timeRange = (range: Range): string => (range.high === 0 ? absent : rangeText(range, formatDuration))

/** A range of hours of GPUs. */
export const hourRange = (range: Range): string =>
  `${rangeText(range, (hours) => formatNumber(hours, range.high < 10 ? 2 : 0))} h`
