import { absent, formatNumber, formatRatio } from '../../core/report/format.ts'
import { cell } from './cells.ts'
import type { ConversationFacts, Verdict } from './conversation-facts.ts'
import type { Lettered } from './inspect-text.ts'

const mostBeside = 5
const nameWidth = 18
const valueWidth = 16
const ratios = ['lr', 'scr', 'lr_all', 'scr_all']
const labels: Record<string, string> = {
  lr: 'LR',
  scr: 'SCR',
  lr_all: 'LR, whole',
  scr_all: 'SCR, whole',
  tokens_source: 'tokens, source',
  tokens_target: 'tokens, target',
  tokens_content: 'tokens, contents',
  tokens_rendered: 'tokens, rendered',
}

/** The candidates' figures side by side, at most five; of two also their difference. */
export const candidateTable = (
  facts: ConversationFacts,
  verdict: Verdict | undefined,
  candidates: readonly Lettered[],
): string[] => {
  const tables: string[] = []
  for (let from = 0; from < candidates.length; from += mostBeside) {
    const beside = candidates.slice(from, from + mostBeside)
    const pair = candidates.length === 2 ? ([beside[0]!, beside[1]!] as const) : undefined
    const row = (name: string, values: readonly string[], apart = ''): string =>
      `${cell(name, nameWidth)}${values.map((value) => cell(value, valueWidth, true)).join('')}${pair ? cell(apart, valueWidth, true) : ''}`.trimEnd()
    const figure = (name: string, of: (candidate: Lettered) => number | null, digits: number): string => {
      const values = beside.map((candidate) => {
        const value = of(candidate)
        return candidate.in_line ? shownFigure(value, digits) : 'not in line'
      })
      return row(name, values, pair ? difference(of(pair[0]), of(pair[1]), digits) : '')
    }
    const others = Object.keys(beside[0]?.metrics ?? {}).filter((name) => !ratios.includes(name) && name !== 'turns')
    tables.push(
      row(
        '',
        beside.map(({ letter, line }) => `${letter} ${line}`),
        'A \u2212 B',
      ),
      figure('score', ({ line }) => verdict?.scores[verdict.candidates.indexOf(line)] ?? null, 3),
      ...ratios.map((metric) => figure(labels[metric]!, ({ metrics }) => metrics[metric] ?? null, 3)),
      ...others.map((metric) => {
        const of = ({ metrics }: Lettered) => metrics[metric] ?? null
        return figure(labels[metric] ?? metric, of, beside.every((candidate) => (of(candidate) ?? 0) % 1 === 0) ? 0 : 3)
      }),
      row(
        'chunks failed',
        beside.map(({ failed, in_line }) => (in_line ? formatNumber(failed) : absent)),
      ),
      row(
        'flags',
        beside.map(({ line }) => flagsOf(facts, line)),
      ),
      '',
    )
  }
  return tables.slice(0, -1)
}

const shownFigure = (value: number | null, digits: number): string =>
  value !== null && digits === 0 ? formatNumber(value) : formatRatio(value, 3)

const difference = (a: number | null, b: number | null, digits: number): string => {
  if (a === null || b === null) return absent
  const text = formatNumber(a - b, digits)
  return a - b > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

const flagsOf = ({ flags }: ConversationFacts, line: string): string => {
  const codes = flags.filter((flag) => flag.line === line).map(({ code }) => code)
  if (codes.length === 0) return 'none'
  const [first] = codes
  const kinds = new Set(codes).size
  return kinds === 1 ? `${first}${codes.length > 1 ? ` x ${codes.length}` : ''}` : `${codes.length} of ${kinds} kinds`
}
