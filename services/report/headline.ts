import {
  formatCount,
  formatNumber,
  formatPercent,
  formatRatio,
  formatTokens,
  formatUsd,
} from '../../core/report/format.ts'
import { overall } from '../../core/report/overall.ts'
import { badRowCount, type LineReport, mainRanking, type ReportData } from './report-data.ts'
import { chunkCount, reasonText } from './tables/ledger-tables.ts'
import { listed, noRanking } from './tables/names.ts'

/** A figure of the head: a value, its unit, and what stands below it; `line` is the number of a translator line. */
export interface Figure {
  name: string
  value: string
  unit: string
  below: { text: string; line?: number }[]
}

/** What the report says first, in two sentences. */
export const headline = (data: ReportData): string[] => {
  const main = mainRanking(data)
  if (!main) return [noRanking]
  if (main.ranked === 0) return ['No conversation has been ranked yet.']
  const kept = `${formatNumber(main.kept)} of ${formatCount(main.ranked, 'conversation')} kept.`
  const holes = holesOf(data)
  if (data.lines.some(({ pseudo }) => pseudo)) return [kept, 'Some of it is no translation: pseudo.']
  if (holes === null) return [kept, 'More are under way.']
  return [kept, holes === 0 ? 'Every chunk has its end: 0 holes.' : `${formatCount(holes, 'chunk')} without an end.`]
}

/** One sentence on where it comes from. */
export const subline = (data: ReportData): string => {
  const main = mainRanking(data)
  const chunks = data.lines.reduce((sum, line) => sum + chunkCount(line.chunks), 0)
  const failed = data.lines.reduce((sum, line) => sum + line.chunks.failed, 0)
  const best = main && main.candidates.length > 1 ? 'the best of ' : ''
  const choice = main ? `${main.ranking} takes ${best}${listed(main.candidates)}. ` : ''
  return `${choice}${formatNumber(failed)} of ${formatCount(chunks, 'chunk')} failed${failed === 0 ? '' : ', each with a reason below'}.`
}

/** The main ranking's figures; nothing where nothing is ranked. */
export const figures = (data: ReportData): Figure[] => {
  const main = mainRanking(data)
  if (!main || main.ranked === 0) return []
  const all = overall(main.splits)
  const [share, percent] = formatPercent(main.kept / main.ranked).split(' ')
  const [tokens, unit] = formatTokens(main.keptTokens).split(' ')
  const perLine = (text: (line: LineReport) => string): Figure['below'] =>
    data.lines.length > 3 ? [] : data.lines.map((line, at) => ({ text: `${line.line} ${text(line)}`, line: at }))
  return [
    {
      name: 'Kept',
      value: share!,
      unit: percent ?? '',
      below: [
        { text: main.kept === main.ranked ? 'none dropped' : `${formatNumber(main.ranked - main.kept)} dropped` },
      ],
    },
    {
      name: 'Tokens kept',
      value: tokens!,
      unit: unit ?? '',
      below: [
        { text: `${formatNumber(all.meanTokens)} per example` },
        { text: `${formatNumber(main.p95Tokens)} at p95` },
      ],
    },
    {
      name: 'LR, mean',
      value: formatRatio(main.lr.mean, 3),
      unit: '',
      below: perLine(({ lr }) => formatRatio(lr.mean, 3)),
    },
    {
      name: 'SCR, mean',
      value: formatRatio(main.scr.mean, 3),
      unit: '',
      below: perLine(({ scr }) => formatRatio(scr.mean, 3)),
    },
    ...spent(data),
    ...losses(data),
  ]
}

/** Holes over all lines; null while conversations are under way. */
export const holesOf = ({ lines }: ReportData): number | null =>
  lines.reduce<number | null>((sum, { chunks: { holes } }) => (sum === null || holes === null ? null : sum + holes), 0)

const spent = ({ lines, spent: { usd, savedUsd } }: ReportData): Figure[] => {
  const calls = lines.reduce((sum, line) => sum + line.sums.calls, 0)
  const unpriced = lines.reduce((sum, line) => sum + line.sums.unpriced, 0)
  if (calls === 0) return []
  return [
    {
      name: 'Spent',
      value: usd === null ? 'not known' : formatUsd(usd),
      unit: '',
      below: [
        { text: formatCount(calls, 'answer') },
        ...(usd !== null && unpriced > 0 ? [{ text: `${formatNumber(unpriced)} without a price` }] : []),
        ...(savedUsd > 0 ? [{ text: `${formatUsd(savedUsd)} saved by memory` }] : []),
      ],
    },
  ]
}

const losses = (data: ReportData): Figure[] => {
  const holes = holesOf(data)
  const failed = data.lines.reduce((sum, line) => sum + line.chunks.failed, 0)
  const bad = badRowCount(data)
  return [
    {
      name: 'Holes',
      value: holes === null ? '–' : formatNumber(holes),
      unit: '',
      below: [{ text: `${formatCount(failed, 'chunk')} failed` }],
    },
    {
      name: 'Bad rows',
      value: formatNumber(bad),
      unit: '',
      below: data.badRowReasons.slice(0, 2).map((reason) => ({ text: reasonText([reason]) })),
    },
  ]
}
