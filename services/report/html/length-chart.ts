import { formatNumber } from '../../../core/report/format.ts'
import { type Percentiles, shownPercentiles } from '../../../core/report/percentiles.ts'
import type { ReportData } from '../report-data.ts'
import { lineName } from '../tables/names.ts'
import { escapeHtml as e, lineClass } from './escape-html.ts'

/** One strip per translator line on a log axis: p5 to p95, p25 to p75, the median, p99 and the longest. */
export const lengthChart = ({ lines }: ReportData): string => {
  const drawn = lines.flatMap((line, at) => (line.tokens ? [{ line, at, tokens: line.tokens }] : []))
  if (drawn.length === 0) return '<p class="empty">No candidate has been scored yet.</p>'
  const low = Math.floor(Math.log10(Math.max(1, Math.min(...drawn.map(({ tokens }) => tokens[5])))))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...drawn.map(({ tokens }) => tokens[100])))))
  const x = (tokens: number): string =>
    (((Math.log10(Math.max(10 ** low, tokens)) - low) / (high - low)) * 100).toFixed(2)
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
  return `<figure class="lens"><figcaption>Line from p5 to p95, band from p25 to p75, upright the median; dots p99 and the longest</figcaption>
${drawn.map(({ line, at, tokens }) => `<div class="strip ${lineClass(at)}"><b>${e(lineName(line))}</b>${stripHtml(tokens, x)}</div>`).join('\n')}
<div class="strip axis"><b>tokens</b><div>${ticks.map((tick) => `<span style="--x:${x(tick)}%">${formatNumber(tick)}</span>`).join('')}</div></div>
</figure>`
}

const stripHtml = (tokens: Percentiles, x: (tokens: number) => string): string => {
  const told = shownPercentiles.map((percent) => `p${percent} ${formatNumber(tokens[percent])}`).join(', ')
  const band = (name: string, from: number, to: number) =>
    `<i class="${name}" style="--x:${x(from)}%;--w:${(Number(x(to)) - Number(x(from))).toFixed(2)}%"></i>`
  const mark = (name: string, at: number) => `<i class="${name}" style="--x:${x(at)}%"></i>`
  return `<div role="img" aria-label="${told}">${band('whisker', tokens[5], tokens[95])}${band('box', tokens[25], tokens[75])}${mark('median', tokens[50])}${mark('dot', tokens[99])}${mark('dot', tokens[100])}</div>`
}
