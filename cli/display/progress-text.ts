import { createColors } from 'picocolors'
import { absent, formatCount, formatDuration, formatNumber, formatPercent } from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import { cell, cut } from './cells.ts'
import { type Progress, type StageProgress, slowestOf } from './progress.ts'

interface ProgressColumn {
  head: string
  width: number
  right: boolean
  /** The lowest go first where there is no room. */
  worth: number
  text(stage: StageProgress, slowest: StageProgress | undefined): string
}

const columns: ProgressColumn[] = [
  { head: '', width: 17, right: false, worth: 9, text: ({ name }) => name },
  { head: 'done', width: 22, right: true, worth: 8, text: doneText },
  { head: 'rate', width: 19, right: true, worth: 5, text: rateText },
  {
    head: 'waiting',
    width: 11,
    right: true,
    worth: 6,
    text: (stage) => (stage.unit === 'rows' ? absent : formatNumber(stage.waiting)),
  },
  {
    head: 'age',
    width: 9,
    right: true,
    worth: 3,
    text: ({ ageSeconds }) => (ageSeconds === null ? absent : formatDuration(ageSeconds)),
  },
  {
    head: 'slots',
    width: 7,
    right: true,
    worth: 2,
    text: ({ slots }) => (slots === null ? absent : formatNumber(slots)),
  },
  { head: 'left', width: 14, right: true, worth: 7, text: leftText },
]

/** The display of a terminal: a head line, a row per stage, a line of counts; at most 12 lines, none wider than `width`. */
export const progressText = (progress: Progress, options: { width: number; colour: boolean }): string => {
  const { bold, dim, yellow } = createColors(options.colour)
  const shown = fitting(options.width)
  const slowest = slowestOf(progress.stages)
  const line = (texts: readonly string[]): string =>
    cut(texts.map((text, at) => cell(text, shown[at]!.width, shown[at]!.right)).join(''), options.width).trimEnd()
  const rows = progress.stages.map((stage) => {
    const isSlowest = stage === slowest
    const text = line(
      shown.map(({ text }, at) => (at === 0 && isSlowest ? `${text(stage, slowest)} *` : text(stage, slowest))),
    )
    return isSlowest ? yellow(text) : text
  })
  return [
    bold(headLine(progress, options.width)),
    dim(line(shown.map(({ head }) => head))),
    ...rows,
    cut(countsLine(progress), options.width),
    lastLine(progress, options.width, dim),
  ].join('\n')
}

/** Why a translator waits, where one does. */
const lastLine = ({ waits }: Progress, width: number, dim: (text: string) => string): string => {
  const [wait] = waits
  return wait
    ? cut(`! ${wait.line} waits, ${wait.reason}: ${visibleLine(wait.message)}`, width)
    : dim(cut('* is the slowest.  Ctrl-C is safe; run again to go on', width))
}

/** The one line for logs: time, percent, what each translator has done, time left. */
export const progressLine = (progress: Progress): string => {
  const { now, share, rowsRead, stages, ranked, badRows, leftSeconds } = progress
  const translators = stages.filter(({ unit }) => unit === 'chunks')
  return [
    `${now.toISOString().slice(11, 19)} UTC ${formatPercent(share)}`,
    `${formatCount(rowsRead, 'row')} read`,
    ...translators.map(({ name, done, total }) => `${name} ${formatNumber(done)}/${formatNumber(total)} chunks`),
    `${formatCount(ranked, 'conversation')} ranked`,
    ...(badRows > 0 ? [`${formatCount(badRows, 'bad row')}`] : []),
    ...stillTexts(progress),
    ...(leftSeconds === null ? [] : [`left ${formatDuration(leftSeconds)}`]),
  ].join(', ')
}

const headLine = ({ pipeline, share, leftSeconds }: Progress, width: number): string => {
  const left = leftSeconds === null ? '' : `  ${formatDuration(leftSeconds)} left`
  const percent = formatPercent(share)
  const room = Math.min(46, width - pipeline.length - percent.length - left.length - 6)
  if (room < 8) return cut(`${pipeline}  ${percent}${left}`, width)
  const filled = Math.floor(share * room)
  return `${pipeline}  ${percent}  [${'#'.repeat(filled)}${'.'.repeat(room - filled)}]${left}`
}

const longStillSeconds = 20

/** Translators whose servers may be away: the next chunk in order was not finished for a while. */
const stillTexts = ({ stages }: Progress): string[] =>
  stages.flatMap(({ name, slots, stillSeconds }) =>
    slots !== null && stillSeconds !== null && stillSeconds >= longStillSeconds
      ? [`! ${name} waits for an answer for ${formatDuration(stillSeconds)}`]
      : [],
  )

const countsLine = (progress: Progress): string => {
  const { ranked, badRows, memory, seconds } = progress
  return [
    ...stillTexts(progress),
    `${formatCount(ranked, 'conversation')} ranked`,
    ...(memory > 0 ? [`${formatCount(memory, 'answer')} in memory`] : []),
    badRows > 0 ? `! ${formatCount(badRows, 'bad row')}` : 'no bad rows',
    `running for ${formatDuration(seconds)}`,
  ].join('   ')
}

const fitting = (width: number): ProgressColumn[] => {
  const kept = [...columns]
  while (kept.length > 2 && kept.reduce((sum, column) => sum + column.width, 0) > width) {
    const least = Math.min(...kept.map(({ worth }) => worth))
    kept.splice(
      kept.findIndex(({ worth }) => worth === least),
      1,
    )
  }
  return kept
}

function doneText({ unit, done, total, share }: StageProgress): string {
  return unit === 'rows'
    ? `${formatNumber(done)}, ${formatPercent(share)}`
    : `${formatNumber(done)}/${formatNumber(total)}`
}

function rateText({ perSecond, unit }: StageProgress): string {
  return perSecond === null
    ? absent
    : `${formatNumber(perSecond, perSecond < 100 ? 1 : 0)} ${shortUnit[unit] ?? unit}/s`
}

function leftText({ share, leftSeconds, follows }: StageProgress, slowest: StageProgress | undefined): string {
  if (share >= 1) return 'done'
  if (follows && slowest && !slowest.follows) return 'follows'
  return leftSeconds === null ? absent : formatDuration(leftSeconds)
}

const shortUnit: Record<string, string> = { messages: 'msg', conversations: 'conv' }
