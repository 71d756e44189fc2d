import { describe, expect, it } from 'vitest'
import { reportHtml } from '../../../services/report/html/report-html.ts'
import { reportMarkdown } from '../../../services/report/markdown/report-markdown.ts'
import type { RankingReport, SplitRow } from '../../../services/report/report-data.ts'
import { paperTable } from '../../core/report/paper-tables.ts'
import { exampleRanking, exampleReport } from './example-report.ts'

const configurations = [
  { table: 1, ranking: 'SFT_SeedX_ranked', candidate: 'seedx' },
  { table: 2, ranking: 'SFT_Gemma3_ranked', candidate: 'gemma3' },
] as const

const printed = {
  SFT_SeedX_ranked: ['1,777,275', '3,261.63 M', '1,835', '3.104', '0.7961', '0.9248'],
  SFT_Gemma3_ranked: ['1,545,742', '2,822.79 M', '1,826', '3.270', '0.8079', '0.9285'],
}
const summaryRows = [
  ...['Examples', 'Tokens', 'Mean tokens per example', 'Mean turns'],
  ...['Mean LR, whole contents', 'Mean SCR, whole contents'],
]

const splitsOf = (table: 1 | 2): SplitRow[] =>
  paperTable(table).map((row) => {
    const examples = Number(row['Num Examples'])
    return {
      split: row.Split!,
      ranked: examples,
      examples,
      kept: examples,
      lrAll: { mean: Number(row['Mean LR']), counted: examples },
      scrAll: { mean: Number(row['Mean SCR']), counted: examples },
      meanTurns: Number(row['Mean Turns']),
      meanTokens: Number(row['Mean Total Tokens']),
    }
  })

const rankingOf = ({ table, ranking, candidate }: (typeof configurations)[number]): RankingReport => {
  const splits = splitsOf(table)
  const ranked = splits.reduce((sum, { examples }) => sum + examples, 0)
  return exampleRanking({ ranking, candidates: [candidate], splits, ranked, kept: ranked })
}

const data = exampleReport({ rankings: configurations.map(rankingOf) })

/** The rows of the table below a caption, as their cells' texts. */
const markdownTable = (markdown: string, caption: string): string[][] => {
  const lines = markdown.slice(markdown.indexOf(caption)).split('\n').slice(2)
  return lines.slice(0, lines.indexOf('')).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('*', '').replace('▲', '').trim()),
  )
}

describe('a report of the rows of the paper', () => {
  const markdown = reportMarkdown(data)

  it('prints the summary of section 4.1 to the last digit', () => {
    const rows = markdownTable(markdown, '**Means over all examples, kept or dropped; example-weighted')
    const [, ...rankings] = rows[0]!
    expect(new Set(rankings)).toEqual(new Set(Object.keys(printed)))
    for (const ranking of Object.keys(printed) as (keyof typeof printed)[]) {
      const column = rows[0]!.indexOf(ranking)
      const values = summaryRows.map((name) => rows.find(([head]) => head === name)?.[column])
      expect(values, ranking).toEqual(printed[ranking])
    }
  })

  for (const { table, ranking } of configurations) {
    it(`prints every row of table ${table} as it is printed there`, () => {
      const rows = markdownTable(markdown, `**${ranking}: means`)
      const paper = paperTable(table)
      expect(rows[0]!.slice(0, 6)).toEqual(Object.keys(paper[0]!))
      const shown = rows.slice(2, -1).map((row) => row.slice(0, 6).map((cell) => cell.replaceAll(',', '')))
      expect(shown).toEqual(
        paper.map((row) => {
          const [split, examples, ...figures] = Object.values(row)
          const digits = [4, 4, 2, 2]
          return [split, examples, ...figures.map((figure, at) => Number(figure).toFixed(digits[at]))]
        }),
      )
    })
  }

  it('prints the same figures in HTML', () => {
    const html = reportHtml(data)
    for (const figures of Object.values(printed)) for (const figure of figures) expect(html).toContain(`>${figure}<`)
    expect(html).toContain('>20,688.31<')
  })

  it('marks the split that was in fact not translated', () => {
    expect(markdown).toMatch(/xlam_traces_no_think \| 59,962 \| 0\.9955 \| ▲ 0\.0134 \|/)
  })
})
