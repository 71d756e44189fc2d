import { absent, formatCount, formatDuration, formatNumber } from '../../core/report/format.ts'
import { cell } from './cells.ts'
import type { LineStatus, PipelineStatus } from './status-text.ts'

interface LineColumn {
  head: string
  width: number
  /** The lowest go first where there is no room. */
  worth: number
  text(line: LineStatus, status: PipelineStatus): string
}

const stageWidth = 11
const mostNameWidth = 30

const columns: LineColumn[] = [
  { head: 'gen', width: 5, worth: 1, text: ({ generation }) => String(generation) },
  {
    head: 'members',
    width: 9,
    worth: 4,
    text: ({ members }, { partitions }) => (members === null ? absent : `${members}/${partitions}`),
  },
  { head: 'committed', width: 13, worth: 7, text: ({ committed }) => formatNumber(committed) },
  { head: 'end', width: 13, worth: 2, text: ({ end }) => formatNumber(end) },
  { head: 'waiting', width: 11, worth: 9, text: ({ waiting }) => formatNumber(waiting) },
  {
    head: 'age',
    width: 10,
    worth: 5,
    text: ({ ageSeconds }) => (ageSeconds === null ? absent : formatDuration(ageSeconds)),
  },
  {
    head: 'rate',
    width: 11,
    worth: 6,
    text: ({ perSecond }) => (perSecond === null ? absent : `${formatNumber(perSecond, perSecond < 100 ? 1 : 0)}/s`),
  },
  { head: 'left', width: 13, worth: 8, text: leftText },
]

/** A line that does not simply go on says so at the end of its row. */
const stateOf = ({ state }: LineStatus): string => (state === 'live' ? '' : `  ${state}`)

/** The table of a status: a row per line; those into the tables are one row as long as nothing waits there. */
export const lineTable = (status: PipelineStatus, columns: number): string[] => {
  const width = columns - Math.max(0, ...status.lines.map((line) => stateOf(line).length))
  const land = status.lines.filter(({ stage }) => stage === 'land')
  const done = land.filter(({ waiting }) => waiting === 0)
  const shown = status.lines.filter(({ stage, waiting }) => stage !== 'land' || waiting > 0)
  const nameWidth = Math.min(mostNameWidth, Math.max(14, ...shown.map(({ line }) => line.length + 2)))
  const fitted = fitting(status, width - stageWidth - nameWidth)
  const room = width - stageWidth - fitted.reduce((sum, column) => sum + column.width, 0)
  const name = Math.max(nameWidth, Math.min(mostNameWidth, room))
  const row = (stage: string, line: string, text: (column: LineColumn) => string) =>
    [cell(stage, stageWidth), cell(line, name), ...fitted.map((column) => cell(text(column), column.width, true))]
      .join('')
      .trimEnd()
  return [
    row('stage', 'line', ({ head }) => head),
    ...shown.map((line) => row(line.stage, line.line, ({ text }) => text(line, status)) + stateOf(line)),
    ...(done.length === 0 ? [] : [row('land', tablesName(done, land), ({ head }) => doneText(head, done))]),
  ]
}

const tablesName = (done: readonly LineStatus[], land: readonly LineStatus[]): string =>
  done.length === land.length ? 'all tables' : formatCount(done.length, 'other table')

const doneText = (head: string, done: readonly LineStatus[]): string => {
  const sum = (of: (line: LineStatus) => number) => done.reduce((total, line) => total + of(line), 0)
  if (head === 'gen' || head === 'members') return ''
  if (head === 'committed' || head === 'end') return formatNumber(sum(({ end }) => end))
  if (head === 'waiting') return '0'
  return head === 'rate'
    ? `${formatNumber(
        sum(({ perSecond }) => perSecond ?? 0),
        1,
      )}/s`
    : absent
}

/** The columns that tell something and have room, those of most worth. */
const fitting = ({ lines }: PipelineStatus, width: number): LineColumn[] => {
  const isMeasured = lines.some(({ perSecond }) => perSecond !== null)
  const hasMembers = lines.some(({ members }) => members !== null)
  const kept = columns.filter(({ head }) =>
    head === 'members' ? hasMembers : head === 'rate' || head === 'left' ? isMeasured : true,
  )
  while (kept.length > 3 && kept.reduce((sum, column) => sum + column.width, 0) > width) {
    const least = Math.min(...kept.map(({ worth }) => worth))
    kept.splice(
      kept.findIndex(({ worth }) => worth === least),
      1,
    )
  }
  return kept
}

/** Stages that do at once what comes to them follow the one that sets the pace. */
function leftText({ stage, leftSeconds }: LineStatus, { lines }: PipelineStatus): string {
  if (leftSeconds === 0) return 'done'
  const isPaced = (line: LineStatus) => line.stage === 'chunk' || line.stage === 'translate'
  const paced = Math.max(0, ...lines.filter(isPaced).map((line) => line.leftSeconds ?? 0))
  if (stage !== 'chunk' && stage !== 'translate' && paced >= (leftSeconds ?? 0) && paced > 0) return 'follows'
  return leftSeconds === null ? absent : formatDuration(leftSeconds)
}
