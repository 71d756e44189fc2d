import {
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRatio,
  formatTokens,
  formatUsd,
} from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import { findings } from '../../services/report/findings.ts'
import { holesOf } from '../../services/report/headline.ts'
import {
  type FileReport,
  type LineReport,
  mainRanking,
  type RankingReport,
  type ReportData,
} from '../../services/report/report-data.ts'
import { chunkCount, reasonText } from '../../services/report/tables/ledger-tables.ts'
import { lineName, listed, rankingName } from '../../services/report/tables/names.ts'
import { paragraph } from './paragraph.ts'

const labelWidth = 13

/**
 * What an ended run did: kept, dropped, chunks, quality, winners, money, and what needs a person. Commands do not see a side
 * run; `stopped` are the lines that stand still before their end.
 */
export const summaryText = (
  data: ReportData,
  about: { seconds: number; columns: number; isSide?: boolean; stopped?: readonly string[] },
): string => {
  const main = mainRanking(data)
  const facts = [rowFact(data), ...(main ? rankingFacts(data, main) : []), ...chunkFacts(data)]
  const lines = [`${data.pipeline}  ${endText(about)}`, '']
  for (const [label, text] of facts) lines.push(labelled(label, text, about.columns))
  const found = findings(data)
  if (found.length > 0) lines.push('')
  for (const { title, text, command } of found) {
    lines.push(`  ! ${paragraph(visibleLine(`${title} ${text}`), about.columns - 4, 4)}`)
    if (command !== '' && !about.isSide) lines.push(`      ${visibleLine(command)}`)
  }
  return lines.join('\n')
}

/** A run with lines that stand still is not done. */
const endText = ({ seconds, stopped = [] }: { seconds: number; stopped?: readonly string[] }): string => {
  if (stopped.length === 0) return `done in ${formatDuration(seconds)}`
  return `stopped after ${formatDuration(seconds)}: ${listed(stopped)} ${stopped.length === 1 ? 'stands' : 'stand'} still`
}

/** A line of the summary: a label, and a text that may go on below. */
export const labelled = (label: string, text: string, columns: number): string =>
  `  ${label.padEnd(labelWidth - 2)}${paragraph(visibleLine(text), Math.max(40, columns - labelWidth), labelWidth)}`

const rowFact = ({ files }: ReportData): [string, string] => {
  const sum = (of: (file: FileReport) => number): string =>
    formatNumber(files.reduce((total, file) => total + of(file), 0))
  const left = sum(({ dropped }) => dropped)
  return [
    'rows',
    `${sum(({ rows }) => rows)} read: ${sum(({ selected }) => selected)} came in, ${left === '0' ? '' : `${left} left out, `}${sum(({ bad }) => bad)} bad`,
  ]
}

const rankingFacts = (data: ReportData, main: RankingReport): [string, string][] => {
  const { ranked, kept, keptTokens, winners, dropped } = main
  const share = ranked === 0 ? '' : ` (${formatPercent(kept / ranked)})`
  const others = data.rankings.filter((ranking) => ranking !== main)
  const real = data.lines.filter(({ inLine }) => inLine > 0)
  const won = winners.reduce((sum, winner) => sum + winner.won, 0)
  const facts: [string, string][] = [
    [
      'kept',
      `${formatNumber(kept)} of ${formatCount(ranked, 'conversation')}${share}, ${formatTokens(keptTokens)} tokens, in ${rankingName(main)}`,
    ],
  ]
  if (kept < ranked) facts.push(['dropped', `${formatNumber(ranked - kept)}: ${reasonText(dropped)}`])
  if (others.length > 0) {
    const list = others.map(
      (ranking) => `${rankingName(ranking)} ${formatNumber(ranking.kept)} of ${formatNumber(ranking.ranked)}`,
    )
    facts.push(['also kept', list.join(', ')])
  }
  facts.push([
    'quality',
    [`LR ${formatRatio(main.lr.mean, 3)}, SCR ${formatRatio(main.scr.mean, 3)}`, ...real.map(qualityOf)].join('; '),
  ])
  if (main.candidates.length > 1 && won > 0) {
    facts.push(['winners', winners.map((winner) => `${winner.line} ${formatPercent(winner.won / won)}`).join(', ')])
  }
  return facts
}

const qualityOf = (line: LineReport): string =>
  `${lineName(line)} ${formatRatio(line.lr.mean, 3)}, ${formatRatio(line.scr.mean, 3)}`

const chunkFacts = (data: ReportData): [string, string][] => {
  const sum = (of: (line: LineReport) => number): number => data.lines.reduce((total, line) => total + of(line), 0)
  const holes = holesOf(data)
  const skipped = sum(({ chunks }) => chunks.skipped)
  const calls = sum(({ sums }) => sums.calls)
  const fromMemory = sum(({ sums }) => sums.fromMemory)
  const unpriced = sum(({ sums }) => sums.unpriced)
  const { usd, savedUsd } = data.spent
  const ends = [
    `translated ${formatNumber(sum(({ chunks }) => chunks.translated))}`,
    `kept as is ${formatNumber(sum(({ chunks }) => chunks.kept))}`,
    `failed ${formatNumber(sum(({ chunks }) => chunks.failed))}`,
    ...(skipped > 0 ? [`skipped ${formatNumber(skipped)}`] : []),
    ...(holes === null ? [] : [`holes ${formatNumber(holes)}`]),
  ]
  const facts: [string, string][] = [
    ['chunks', `${formatNumber(sum(({ chunks }) => chunkCount(chunks)))}: ${ends.join(', ')}`],
  ]
  if (calls > 0) {
    const price = usd === null ? 'price not known' : formatUsd(usd)
    const unknown = usd !== null && unpriced > 0 ? `; ${formatCount(unpriced, 'answer')} told no price` : ''
    facts.push([
      'spent',
      `${price} for ${formatCount(calls, 'answer')}, ${formatPercent(fromMemory / calls)} from memory${unknown}${savedUsd > 0 ? `; memory saved ${formatUsd(savedUsd)}` : ''}`,
    ])
  }
  return facts
}
