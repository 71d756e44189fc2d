import { formatCount, formatRatio } from '../../core/report/format.ts'
import type { Finding } from './findings.ts'
import type { LineReport, LineSplit, ReportData } from './report-data.ts'
import { sqlCommand } from './sql-command.ts'
import { listed } from './tables/names.ts'

const copyLr = 0.9
const copyScr = 0.2
const farLr = 0.6
const farApart = 0.1

/** A split and its figures in the lines that have something in common there. */
interface FoundSplit {
  split: string
  lines: { line: LineReport; figures: LineSplit }[]
}

/** Splits that lines did not translate, made far shorter or longer, or made very differently. */
export const lineSplitFindings = ({ lines }: ReportData, most: number): Finding[] => {
  // Figures of letters for letters say nothing.
  const real = lines.filter(({ pseudo }) => !pseudo)
  return [
    ...atMost(splitsWhere(real, isCopy), most, copyFinding),
    ...atMost(splitsWhere(real, isFar), most, farFinding),
    ...differenceFinding(real),
  ]
}

/** Names of splits that some line did not translate. */
export const copiedSplits = ({ lines }: ReportData): Set<string> =>
  new Set(splitsWhere(lines, isCopy).map(({ split }) => split))

/** Text went in and came out as it was: the length is the same and the letters are not Arabic. */
const isCopy = ({ lr, scr }: LineSplit): boolean => (lr.mean ?? 0) >= copyLr && (scr.mean ?? 1) <= copyScr

const isFar = ({ lr }: LineSplit): boolean => (lr.mean ?? 1) < farLr

/** Splits for which something holds in any line, the largest first. */
const splitsWhere = (lines: readonly LineReport[], holds: (split: LineSplit) => boolean): FoundSplit[] => {
  const found = new Map<string, FoundSplit>()
  for (const line of lines) {
    for (const figures of line.splits.filter(holds)) {
      const known = found.get(figures.split) ?? { split: figures.split, lines: [] }
      known.lines.push({ line, figures })
      found.set(figures.split, known)
    }
  }
  return [...found.values()].sort((a, b) => sizeOf(b) - sizeOf(a))
}

const sizeOf = ({ lines }: FoundSplit): number => Math.max(...lines.map(({ figures }) => figures.candidates))

const figuresText = ({ lines }: FoundSplit): string =>
  `${lines
    .map(
      ({ line, figures: { lr, scr } }) =>
        `LR ${formatRatio(lr.mean, 3)}, SCR ${formatRatio(scr.mean, 3)} with ${line.line}`,
    )
    .join('; ')}; over translated parts.`

const names = ({ lines }: FoundSplit): string => listed(lines.map(({ line }) => line.line))

const copyFinding = (found: FoundSplit): Finding => ({
  title: `${found.split} was not translated by ${names(found)}.`,
  text: `${figuresText(found)} What came out is as long as the source and hardly Arabic.`,
  command: sqlCommand(`SELECT id, line FROM v_candidates WHERE split = '${found.split}' LIMIT 20`, found.split),
  section: 'quality',
})

const farFinding = (found: FoundSplit): Finding => ({
  title: `${found.split} comes out of ${names(found)} in another length.`,
  text: `${figuresText(found)} Good Arabic has an LR of about 0.8: look for cut or runaway answers.`,
  command: sqlCommand(
    `SELECT id, line, metrics['lr'] AS lr FROM v_candidates WHERE split = '${found.split}' ORDER BY lr LIMIT 20`,
    found.split,
  ),
  section: 'quality',
})

/** The split in which two lines lie furthest apart in LR, if far enough. */
const differenceFinding = (lines: readonly LineReport[]): Finding[] => {
  const [furthest] = lines
    .flatMap((a, at) => lines.slice(at + 1).flatMap((b) => differences(a, b)))
    .sort((x, y) => y.apart - x.apart)
  if (!furthest) return []
  return [
    {
      title: `${furthest.split} differs most between the translators.`,
      text: `LR ${furthest.text}; over translated parts.`,
      command: '',
      section: 'quality',
    },
  ]
}

const differences = (a: LineReport, b: LineReport): { split: string; apart: number; text: string }[] =>
  a.splits.flatMap(({ split, lr }) => {
    const other = b.splits.find((found) => found.split === split)?.lr.mean ?? null
    if (lr.mean === null || other === null || Math.abs(lr.mean - other) < farApart) return []
    const text = `${formatRatio(lr.mean, 3)} with ${a.line}, ${formatRatio(other, 3)} with ${b.line}`
    return [{ split, apart: Math.abs(lr.mean - other), text }]
  })

/** The findings of the first splits; the last of them says how many more there are. */
export const atMost = <Found>(found: readonly Found[], most: number, finding: (of: Found) => Finding): Finding[] => {
  const shown = found.slice(0, most).map(finding)
  const last = shown.at(-1)
  if (last && found.length > most) last.text += ` And ${formatCount(found.length - most, 'split')} more like it.`
  return shown
}
