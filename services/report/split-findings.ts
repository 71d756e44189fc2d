import { formatCount, formatRatio } from '../../core/report/format.ts'
import type { Finding, SplitOfLine } from './findings.ts'
import type { LineReport, LineSplit, ReportData } from './report-data.ts'
import { sqlCommand } from './sql-command.ts'

const copyLr = 0.9
const copyScr = 0.2
const farLr = 0.6
const farApart = 0.1

/** Splits that a line did not translate, made far shorter or longer, or made very differently from another line. */
export const lineSplitFindings = ({ lines }: ReportData, most: number): Finding[] => {
  // Figures of letters for letters say nothing.
  const real = lines.filter(({ pseudo }) => !pseudo)
  const splits = real.flatMap((line) => line.splits.map((split): SplitOfLine => ({ line, split })))
  return [
    ...atMost(splits.filter(isCopy), most, copyFinding),
    ...atMost(splits.filter(isFar), most, farFinding),
    ...differenceFinding(real),
  ]
}

/** Text went in and came out as it was: the length is the same and the letters are not Arabic. */
const isCopy = ({ split: { lr, scr } }: SplitOfLine): boolean => (lr.mean ?? 0) >= copyLr && (scr.mean ?? 1) <= copyScr

const isFar = ({ split: { lr } }: SplitOfLine): boolean => (lr.mean ?? 1) < farLr

const figures = ({ lr, scr }: LineSplit): string => `LR ${formatRatio(lr.mean, 3)}, SCR ${formatRatio(scr.mean, 3)}`

const where = ({ line, split }: SplitOfLine): string => `line = '${line.line}' AND split = '${split.split}'`

const copyFinding = ({ line, split }: SplitOfLine): Finding => ({
  title: `${split.split} was not translated by ${line.line}.`,
  text: `${figures(split)} over translated parts of ${formatCount(split.lr.counted, 'conversation')}: the target equals the source.`,
  command: sqlCommand(`SELECT id FROM v_candidates WHERE ${where({ line, split })} LIMIT 20`, split.split),
  section: 'quality',
})

const farFinding = ({ line, split }: SplitOfLine): Finding => ({
  title: `${split.split} comes out of ${line.line} in another length.`,
  text: `${figures(split)} over translated parts of ${formatCount(split.lr.counted, 'conversation')}. Good Arabic has an LR of about 0.8: look for cut or runaway answers.`,
  command: sqlCommand(
    `SELECT id, metrics['lr'] AS lr FROM v_candidates WHERE ${where({ line, split })} ORDER BY lr LIMIT 20`,
    split.split,
  ),
  section: 'quality',
})

/** The split in which two lines lie furthest apart in LR, if far enough. */
const differenceFinding = (lines: readonly LineReport[]): Finding[] => {
  const [furthest] = lines
    .flatMap((a, at) =>
      lines.slice(at + 1).flatMap((b) =>
        a.splits.flatMap((split) => {
          const other = b.splits.find((found) => found.split === split.split)
          const apart = Math.abs((split.lr.mean ?? Number.NaN) - (other?.lr.mean ?? Number.NaN))
          return other && apart >= farApart ? [{ a, b, split, other, apart }] : []
        }),
      ),
    )
    .sort((x, y) => y.apart - x.apart)
  if (!furthest) return []
  const { a, b, split, other } = furthest
  return [
    {
      title: `${split.split} differs most between the translators.`,
      text: `LR ${formatRatio(split.lr.mean, 3)} with ${a.line}, ${formatRatio(other.lr.mean, 3)} with ${b.line}, over translated parts.`,
      command: '',
      section: 'quality',
    },
  ]
}

const atMost = (found: readonly SplitOfLine[], most: number, finding: (of: SplitOfLine) => Finding): Finding[] => {
  const largest = found.toSorted((a, b) => b.split.candidates - a.split.candidates)
  const shown = largest.slice(0, most).map(finding)
  const last = shown.at(-1)
  if (last && largest.length > most) last.text += ` And ${formatCount(largest.length - most, 'split')} more like it.`
  return shown
}
