import { formatNumber } from '../../../core/report/format.ts'
import { badRowCount, type RankingReport, type ReportData } from '../report-data.ts'
import { lineName } from '../tables/names.ts'
import { codeHtml, escapeHtml as e, lineClass } from './escape-html.ts'

/** The flow as bars one below the other, for narrow screens. */
export const flowLadder = (data: ReportData, main: RankingReport, read: number): string => {
  const most = Math.max(1, read, data.conversations)
  const step = (name: string, count: number, look = ''): string =>
    `<li class="${look}"><span>${name}</span><b>${formatNumber(count)}</b><i style="--w:${((count / most) * 100).toFixed(1)}%"></i></li>`
  const reasons = (counts: readonly { reason: string; count: number }[]) =>
    counts.map(({ reason, count }) => step(`▲ ${codeHtml(reason)}`, count, 'loss'))
  const leftOut = data.files.reduce((sum, { dropped }) => sum + dropped, 0)
  return `<ol class="ladder">${[
    step('Rows read', read),
    ...(leftOut > 0 ? [step('▲ left out by the selection', leftOut, 'loss')] : []),
    ...(badRowCount(data) > 0 ? reasons(data.badRowReasons) : []),
    step('Came in', data.conversations),
    ...data.lines.flatMap((line, at) =>
      main.candidates.includes(line.line) ? [step(e(lineName(line)), line.inLine, lineClass(at))] : [],
    ),
    step('Ranked', main.ranked),
    ...reasons(main.dropped),
    step('Kept', main.kept),
  ].join('')}</ol>`
}
