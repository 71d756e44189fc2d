import type { LineReport, RankingReport, ReasonCount, ReportData } from './report-data.ts'

/** The report as Markdown: per ranking the table of splits and its summary, then lines, files and bad rows. */
export const reportMarkdown = (data: ReportData): string =>
  [
    `# ${data.pipeline}`,
    '',
    `Made ${data.at} by kalam ${data.version}; target language ${data.language}.`,
    ...data.lines
      .filter(({ pseudo }) => pseudo)
      .map(({ line }) => `\n**${line} is the pseudo translator: its output is no translation.**`),
    ...data.rankings.flatMap(rankingSection),
    '',
    '## Translator lines',
    '',
    '| line | backend | chunks | translated | kept as is | failed | skipped | reasons | answers | from memory | cost |',
    '|---|---|---:|---:|---:|---:|---:|---|---:|---:|---:|',
    ...data.lines.map(lineRow),
    '',
    '## Sources',
    '',
    '| source | file | rows | selected | dropped | bad |',
    '|---|---|---:|---:|---:|---:|',
    ...data.files.map(
      (f) =>
        `| ${plainText(f.source)} | ${plainText(f.file)} | ${whole(f.rows)} | ${whole(f.selected)} | ${whole(f.dropped)} | ${whole(f.bad)} |`,
    ),
    ...(data.badRows.length > 0
      ? [
          '',
          `${whole(data.badRowCount)} bad rows${data.badRowCount > data.badRows.length ? `, the first ${data.badRows.length}` : ''}:`,
          '',
        ]
      : []),
    ...data.badRows.map(
      ({ file, line, reason, detail }) => `- ${plainText(file)}:${line} ${reason}: ${plainText(detail)}`,
    ),
    '',
  ].join('\n')

/** Rows of the summary of section 4.1 of the paper, and what it leaves out. */
export const summaryRows = (ranking: RankingReport): [string, string][] => [
  ['Examples', whole(ranking.examples)],
  ['Kept', `${whole(ranking.kept)} (${share(ranking.kept, ranking.examples)})`],
  ['Mean LR, whole contents', decimal(ranking.meanLrAll)],
  ['Mean SCR, whole contents', decimal(ranking.meanScrAll)],
  ['Mean LR, translated parts', `${decimal(ranking.meanLr)} (${whole(ranking.lrNull)} not applicable)`],
  ['Mean SCR, translated parts', `${decimal(ranking.meanScr)} (${whole(ranking.scrNull)} not applicable)`],
  ['Mean turns', decimal(ranking.meanTurns, 3)],
  ['Median turns', decimal(ranking.medianTurns, 0)],
  ['Mean tokens per example', whole(ranking.meanTokens ?? 0)],
  ['95th percentile of tokens', whole(ranking.p95Tokens ?? 0)],
  ['Tokens', millions(ranking.totalTokens ?? 0)],
]

const rankingSection = (ranking: RankingReport): string[] => [
  '',
  `## Ranking ${ranking.ranking}`,
  '',
  `Candidates: ${ranking.candidates.join(', ')}`,
  '',
  '| | |',
  '|---|---:|',
  ...summaryRows(ranking).map(([name, value]) => `| ${name} | ${value} |`),
  '',
  '| Split | Num Examples | Mean LR | Mean SCR | Mean Turns | Mean Total Tokens |',
  '|---|---:|---:|---:|---:|---:|',
  ...ranking.splits.map(
    (s) =>
      `| ${plainText(s.split)} | ${whole(s.examples)} | ${decimal(s.meanLr)} | ${decimal(s.meanScr)} | ${decimal(s.meanTurns, 2)} | ${decimal(s.meanTokens, 2)} |`,
  ),
  '',
  `Winners: ${reasonList(ranking.winners)}`,
  '',
  ranking.dropped.length > 0 ? `Dropped, by first reason: ${reasonList(ranking.dropped)}` : 'Nothing was dropped.',
]

const lineRow = (line: LineReport): string =>
  `| ${line.line} | ${line.backend} | ${whole(line.translated + line.kept + line.failed + line.skipped)} | ${whole(line.translated)} | ${whole(line.kept)} | ${whole(line.failed)} | ${whole(line.skipped)} | ${reasonList(line.reasons)} | ${whole(line.calls)} | ${whole(line.fromMemory)} | ${cost(line)} |`

/** Reasons with their counts, or – for none. */
export const reasonList = (reasons: ReasonCount[]): string =>
  reasons.map(({ reason, count }) => `${reason || 'none'} ${whole(count)}`).join(', ') || '–'

/** What a line's calls cost; – where it made none. */
export const cost = ({ calls, costUsd }: LineReport): string =>
  calls === 0 ? '–' : costUsd === null ? 'not known' : `$${costUsd.toFixed(2)}`

/** 1234567 as 1,234,567. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

/** A metric with four digits, or "not applicable". */
export const decimal = (value: number | null, digits = 4): string =>
  value === null ? 'not applicable' : value.toFixed(digits)

const millions = (value: number): string =>
  value >= 1e6
    ? `${(value / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} M`
    : whole(value)

const share = (part: number, of: number): string => (of === 0 ? '–' : `${((part / of) * 100).toFixed(1)} %`)

const plainText = (text: string): string => text.replace(/[|\\`*_<>[\]]/g, '\\$&').replace(/\s+/g, ' ')
