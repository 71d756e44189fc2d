import { parseThreshold } from '../../../core/ranking/threshold.ts'
import { formatCount, formatNumber, formatPercent, formatRatio } from '../../../core/report/format.ts'
import { histogramBins, type RatioStats } from '../../../core/report/ratio-stats.ts'
import { type LineReport, mainRanking, type RankingReport, type ReportData } from '../report-data.ts'
import { lineName } from '../tables/names.ts'
import { escapeHtml as e, lineClass } from './escape-html.ts'

/** An axis of shares: where a share stands from the top in percent, and its marks. */
interface Axis {
  y(share: number): number
  ticks: number[]
}

/** LR on a linear axis, SCR on a logarithmic one since its tails matter: step lines in the translators' colours. */
export const ratioCharts = (data: ReportData): string => {
  if (data.lines.every(({ inLine }) => inLine === 0)) return '<p class="empty">No candidate has been scored yet.</p>'
  const main = mainRanking(data)
  return `<div class="two">
${ratioChart('Length ratio (LR)', 'share of candidates', data.lines, 'lr', linearAxis, main)}
${ratioChart('Script purity (SCR)', 'share of candidates, log scale', data.lines, 'scr', logAxis, main)}
</div>`
}

const ratioChart = (
  title: string,
  unit: string,
  lines: readonly LineReport[],
  metric: 'lr' | 'scr',
  axisOf: (shares: readonly number[]) => Axis,
  main: RankingReport | undefined,
): string => {
  const drawn = lines.flatMap((line, at) => (line[metric].counted > 0 ? [{ line, at, stats: line[metric] }] : []))
  const axis = axisOf(drawn.flatMap(({ stats }) => shares(stats)))
  const gates = gatesOf(main, metric)
  const rows = drawn.length + (gates.length > 0 ? 1 : 0)
  const told = drawn.map(({ line, stats }) => `${lineName(line)} mean ${formatRatio(stats.mean, 3)}`).join(', ')
  const steps = drawn.map(
    ({ at, stats }) => `<path class="step ${lineClass(at)}" d="${stepPath(shares(stats), axis)}"/>`,
  )
  return `<figure class="plot"><figcaption>${e(title)}<small>${e(unit)}</small></figcaption>
<div class="area" style="--rows:${rows}">
<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${e(`${title}: ${told}`)}">${axis.ticks
    .map((tick) => `<path class="grid" d="M0,${axis.y(tick).toFixed(2)}H100"/>`)
    .join('')}${steps.join('')}</svg>
${axis.ticks.map((tick) => `<span class="yt" style="top:${axis.y(tick).toFixed(2)}%">${tickText(tick)}</span>`).join('')}
${gates.map(({ value, text }) => upright(value, 0, 'gate', `keep ${e(text.replace('>=', '≥').replace('<=', '≤'))}`)).join('')}
${drawn
  .map(({ line, at, stats }, i) =>
    upright(
      stats.mean ?? 0,
      i + (gates.length > 0 ? 1 : 0),
      `mean ${lineClass(at)}`,
      `${formatRatio(stats.mean, 3)} ${e(lineName(line))}`,
    ),
  )
  .join('')}
${[0, 0.25, 0.5, 0.75, 1].map((value) => `<span class="xt" style="--x:${value * 100}%">${value}</span>`).join('')}
</div>
<p class="cap">${e(metric.toUpperCase())} in steps of ${1 / histogramBins}; upright lines are means.${naText(drawn)}</p>
</figure>`
}

const naText = (drawn: readonly { line: LineReport; stats: RatioStats }[]): string => {
  const none = drawn.filter(({ stats }) => stats.notApplicable > 0)
  if (none.length === 0) return ''
  const list = none.map(({ line, stats }) => `${formatCount(stats.notApplicable, 'candidate')} of ${e(line.line)}`)
  return ` Not applicable to ${list.join(', ')}.`
}

/** A line from the label's row down to the axis; the label stands on the side with more room. */
const upright = (value: number, row: number, name: string, label: string): string =>
  `<span class="up ${name}" style="--x:${(value * 100).toFixed(2)}%;--row:${row}"><span class="${value > 0.5 ? 'before' : 'after'}">${label}</span></span>`

const shares = ({ histogram, counted }: RatioStats): number[] => histogram.map((count) => count / counted)

const stepPath = (values: readonly number[], { y }: Axis): string =>
  `M0,100${values.map((share, i) => `V${y(share).toFixed(2)}H${((i + 1) * 100) / values.length}`).join('')}V100`

const linearAxis = (values: readonly number[]): Axis => {
  const most = Math.max(0.01, ...values)
  const unit = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5].find((step) => most / step <= 4) ?? 0.5
  const top = Math.ceil(most / unit - 1e-9) * unit
  return {
    y: (share) => 100 - (share / top) * 100,
    ticks: Array.from({ length: Math.round(top / unit) + 1 }, (_, i) => i * unit),
  }
}

const logAxis = (values: readonly number[]): Axis => {
  const least = Math.min(0.1, ...values.filter((share) => share > 0))
  // One decade more than the smallest share needs, so that a single candidate stands above the axis.
  const low = Math.max(-7, Math.floor(Math.log10(least) + 1e-9) - (Math.log10(least) % 1 === 0 ? 1 : 0))
  return {
    y: (share) => (share <= 0 ? 100 : Math.min(100, (Math.log10(share) / low) * 100)),
    ticks: Array.from({ length: 1 - low }, (_, i) => 10 ** -i),
  }
}

const tickText = (share: number): string => {
  if (share === 0) return '0'
  return share < 0.01 ? `${formatNumber(share * 100, Math.round(-Math.log10(share)) - 2)} %` : formatPercent(share, 0)
}

const gatesOf = (main: RankingReport | undefined, metric: string): { value: number; text: string }[] =>
  (main?.gates ?? []).flatMap((gate) => {
    if (!gate.startsWith(`${metric} `)) return []
    const { value, text } = parseThreshold(gate.slice(metric.length + 1))
    return value >= 0 && value <= 1 ? [{ value, text }] : []
  })
