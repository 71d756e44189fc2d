import { escapeHtml as e } from './html-escape.ts'
import { whole } from './markdown.ts'
import type { ReasonCount } from './report-data.ts'

/** LR as a step line on a linear axis. */
export const lrChart = (counts: number[]): string =>
  histogram('LR of translated parts', counts, (count) => count, 'conversations')

/** SCR as a step line on a log axis, since its tails matter. */
export const scrChart = (counts: number[]): string =>
  histogram('SCR of translated parts', counts, (count) => Math.log10(count + 1), 'conversations, log')

const histogram = (title: string, counts: number[], scale: (count: number) => number, unit: string): string => {
  const most = Math.max(1, ...counts)
  const top = scale(most)
  const points = counts.map((count, i) => {
    const y = (100 - (scale(count) / top) * 100).toFixed(2)
    return `${i * 2},${y} ${i * 2 + 2},${y}`
  })
  return `<figure>
<figcaption>${e(title)}</figcaption>
<div class="plot"><span class="y-top">${whole(most)}</span><span class="y-low">0</span>
<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${e(title)}: ${whole(counts.reduce((a, b) => a + b, 0))} conversations from 0 to 1, at most ${whole(most)} in one of ${counts.length} steps"><polygon points="0,100 ${points.join(' ')} 100,100"/><polyline points="${points.join(' ')}"/></svg></div>
<div class="x-axis"><span>0</span><span>0.25</span><span>0.5</span><span>0.75</span><span>1</span></div>
<p class="unit">${e(unit)}</p>
</figure>`
}

/** One bar per reason on one shared scale; nothing is said where there is none. */
export const reasonBars = (title: string, reasons: ReasonCount[], unit: string): string => {
  const most = Math.max(1, ...reasons.map(({ count }) => count))
  const rows = reasons.map(
    ({ reason, count }) =>
      `<li><span class="bar-label">${e(reason || 'none')}</span><span class="bar" style="--share:${((count / most) * 100).toFixed(1)}%"></span><span class="bar-count">${whole(count)}</span></li>`,
  )
  return `<figure><figcaption>${e(title)}</figcaption>${rows.length > 0 ? `<ul class="bars">${rows.join('')}</ul><p class="unit">${e(unit)}</p>` : '<p class="empty">None.</p>'}</figure>`
}
