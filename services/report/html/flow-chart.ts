import { formatCount, formatNumber, formatPercent } from '../../../core/report/format.ts'
import { badRowCount, mainRanking, type RankingReport, type ReportData } from '../report-data.ts'
import { lineName } from '../tables/names.ts'
import { codeHtml, escapeHtml as e, lineClass } from './escape-html.ts'
import { type FlowGeometry, flowGeometry, ribbon } from './flow-geometry.ts'
import { flowLadder } from './flow-ladder.ts'

/** From the left, of 1000: the bars of rows read, came in, both sides of the lanes, won, kept. */
const x = { read: 0, cameIn: 190, lane: 375, laneEnd: 640, won: 750, kept: 992 }
const barWidth = 8

/** The flow of the main ranking: ribbons as wide as conversations are many; on a phone, bars one below the other. */
export const flowChart = (data: ReportData): string => {
  const main = mainRanking(data)
  const read = data.files.reduce((sum, { rows }) => sum + rows, 0)
  if (!main || data.conversations === 0) return '<p class="empty">No conversation has come in yet.</p>'
  const lanes = lanesOf(data, main)
  const dropped = main.ranked - main.kept
  const geometry = flowGeometry({ read, cameIn: data.conversations, lanes, dropped })
  return `<figure class="flow">
<div class="heads">${headsHtml(data, main, read)}</div>
<div class="canvas" style="height:${geometry.height.toFixed(0)}px">
<svg viewBox="0 0 1000 ${geometry.height.toFixed(0)}" preserveAspectRatio="none" role="img" aria-label="${e(spoken(data, main, read))}">${ribbonsSvg(geometry, lanes)}</svg>
${lanes.map((lane, i) => laneLabel(lane, geometry.lanes[i]!.whole)).join('\n')}
${geometry.won.map((span, i) => shareLabel(span, lanes[i]!, main)).join('')}
</div>
<div class="falls">${lostHtml(data)}${droppedHtml(main)}</div>
</figure>
${flowLadder(data, main, read)}`
}

interface LaneCounts {
  name: string
  at: number
  inLine: number
  incomplete: number
  notInLine: number
  kept: number
  dropped: number
}

const lanesOf = ({ lines }: ReportData, { candidates, winners }: RankingReport): LaneCounts[] =>
  lines.flatMap((line, at) => {
    if (!candidates.includes(line.line)) return []
    const { won = 0, kept = 0 } = winners.find((winner) => winner.line === line.line) ?? {}
    const { inLine, complete, conversations } = line
    return [
      {
        name: lineName(line),
        at,
        inLine,
        incomplete: inLine - complete,
        notInLine: conversations - inLine,
        kept,
        dropped: won - kept,
      },
    ]
  })

const headsHtml = (data: ReportData, main: RankingReport, read: number): string => {
  const candidates = lanesOf(data, main).reduce((sum, { inLine }) => sum + inLine, 0)
  return (
    [
      [x.read, 'Rows read', read, formatCount(data.files.length, 'file')],
      [x.cameIn, 'Came in', data.conversations, 'conversations'],
      [x.lane, 'Translated', candidates, `candidates of ${formatCount(main.candidates.length, 'line')}`],
      [x.won, 'Ranked', main.ranked, 'one winner each'],
      [x.kept, 'Kept', main.kept, main.ranked === 0 ? '' : formatPercent(main.kept / main.ranked)],
    ] as const
  )
    .map(
      ([left, name, count, below]) =>
        `<div${left === x.kept ? ' class="end"' : ''} style="--x:${left / 10}%"><span>${name}</span><b>${formatNumber(count)}</b><span>${e(below)}</span></div>`,
    )
    .join('')
}

const ribbonsSvg = (
  { height, read, cameIn, lanes, won, dropped, kept }: FlowGeometry,
  counts: LaneCounts[],
): string => {
  const path = (name: string, d: string) => `<path class="${name}" d="${d}"/>`
  const bar = (name: string, left: number, { y, h }: { y: number; h: number }) =>
    h === 0
      ? ''
      : `<rect class="bar ${name}" x="${left}" y="${y.toFixed(1)}" width="${barWidth}" height="${h.toFixed(1)}"/>`
  const right = (left: number) => left + barWidth
  const lost = { y: cameIn.y + cameIn.h, h: Math.max(0, read.h - cameIn.h) }
  const fall = { y: height - dropped.h, h: dropped.h }
  let droppedAt = dropped.y
  const laneParts = lanes.map((lane, i) => {
    const name = lineClass(counts[i]!.at)
    const into = { y: droppedAt, h: lane.dropped.h }
    droppedAt += lane.dropped.h
    return [
      path(`tint ${name}`, ribbon(right(x.cameIn), cameIn, x.lane, lane.whole)),
      path(`tint ${name}`, ribbon(x.lane, lane.whole, x.laneEnd, lane.whole)),
      path(`mid ${name}`, ribbon(right(x.laneEnd), lane.kept, x.won, won[i]!)),
      lane.dropped.h > 0 ? path('lost', ribbon(right(x.laneEnd), lane.dropped, x.won, into)) : '',
      path(`mid ${name}`, ribbon(right(x.won), won[i]!, x.kept, kept[i]!)),
      bar(name, x.lane, lane.whole),
      bar(name, x.laneEnd, lane.whole),
      bar(name, x.won, won[i]!),
    ].join('')
  })
  const keptHeight = kept.reduce((sum, { h }) => sum + h, 0)
  return [
    path('plain', ribbon(right(x.read), { ...read, h: cameIn.h }, x.cameIn, cameIn)),
    lost.h > 0 ? path('lost', ribbon(right(x.read), lost, 130, { y: height - lost.h, h: lost.h })) : '',
    ...laneParts,
    dropped.h > 0 ? path('lost', ribbon(right(x.won), dropped, 940, fall)) : '',
    bar('', x.read, read),
    bar('', x.cameIn, cameIn),
    bar('alert', x.won, dropped),
    bar('', x.kept, { y: kept[0]?.y ?? 0, h: keptHeight }),
  ].join('')
}

const laneLabel = (
  { name, at, inLine, incomplete, notInLine }: LaneCounts,
  { y, h }: { y: number; h: number },
): string =>
  `<div class="lane" style="--x:${(x.lane + 22) / 10}%;top:${(y + h / 2).toFixed(0)}px"><b class="${lineClass(at)}">${e(name)}</b><span>${formatCount(inLine, 'candidate')}</span><span>${formatNumber(incomplete)} incomplete</span>${notInLine > 0 ? `<span>${formatNumber(notInLine)} not in line</span>` : ''}</div>`

const shareLabel = ({ y, h }: { y: number; h: number }, { kept, at }: LaneCounts, main: RankingReport): string =>
  h < 20
    ? ''
    : `<b class="share ${lineClass(at)}" style="--x:${(x.won + 20) / 10}%;top:${(y + h / 2).toFixed(0)}px">${formatPercent(kept / main.ranked)}</b>`

const lostHtml = (data: ReportData): string => {
  const left = data.files.reduce((sum, { dropped }) => sum + dropped, 0)
  const bad = badRowCount(data)
  if (left + bad === 0) return '<div></div>'
  return `<div><b class="alert">▲ ${formatNumber(left + bad)} did not come in</b><ul>${left > 0 ? `<li>${formatNumber(left)} left out by the selection</li>` : ''}${reasonItems(data.badRowReasons)}</ul></div>`
}

const droppedHtml = ({ ranked, kept, dropped }: RankingReport): string =>
  ranked === kept
    ? '<div></div>'
    : `<div class="end"><b class="alert">▲ ${formatNumber(ranked - kept)} dropped</b><ul>${reasonItems(dropped)}</ul></div>`

const reasonItems = (reasons: readonly { reason: string; count: number }[]): string =>
  reasons.map(({ reason, count }) => `<li>${codeHtml(reason)} ${formatNumber(count)}</li>`).join('')

const spoken = (data: ReportData, main: RankingReport, read: number): string =>
  `${formatCount(read, 'row')} read, ${formatCount(data.conversations, 'conversation')} came in, ${lanesOf(data, main)
    .map(({ name, inLine }) => `${name} ${formatCount(inLine, 'candidate')}`)
    .join(', ')}, ${formatNumber(main.ranked)} ranked, ${formatNumber(main.kept)} kept`
