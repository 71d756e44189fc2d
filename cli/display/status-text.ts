import { formatCount, formatDuration, formatNumber } from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import type { SourceCheckpoint } from '../../schemas/records.ts'
import { sqlCommand } from '../../services/report/sql-command.ts'
import { cut } from './cells.ts'
import { lineTable } from './line-table.ts'

/** Where one line stands. */
export interface LineStatus {
  stage: string
  line: string
  /** What its input records are counted in. */
  unit: string
  generation: number
  /** live, building, paused or held. */
  state: string
  /** Processes in its group; null where the log does not know. */
  members: number | null
  committed: number
  end: number
  waiting: number
  /** Seconds since the conversation of the oldest waiting record came in; null when none waits. */
  ageSeconds: number | null
  /** Records a second; null when nothing runs. */
  perSecond: number | null
  /** Until everything that has come in so far is through, at this rate; 0 when it is, null when it stands still. */
  leftSeconds: number | null
}

/** What `kalam status` tells, also as JSON. */
export interface PipelineStatus {
  pipeline: string
  /** ISO time. */
  at: string
  log: 'embedded' | 'kafka'
  partitions: number
  /** Whether a run is on, or on a cluster whether any line has members. */
  running: boolean
  /** Times in UTC; endedAt is null while it runs, and after a kill. */
  lastRun: { startedAt: string; endedAt: string | null; outcome: string } | null
  lines: LineStatus[]
  /** Generations that do not run here, and why. */
  notRun: string[]
  /** Translator lines that pause, and what the ranking does meanwhile. */
  pauses: { line: string; state: string }[]
  files: SourceCheckpoint[]
  deadLetters: number
  /** Of the lines that pipeline.yaml names. */
  failedChunks: number
  /** Lists them. */
  failedQuery: string
  memory: number
  freeGiB: number
}

const shownFiles = 6

/** The status for a person: sources, a row per line, and what needs one. */
export const statusText = (status: PipelineStatus, columns: number): string => {
  const { pipeline, at, partitions } = status
  const lines = [
    `${pipeline}  as of ${at.slice(11, 19)} UTC, log ${status.log}, ${formatCount(partitions, 'partition')}`,
    ...runLine(status),
    '',
    ...fileLines(status.files),
    '',
    ...lineTable(status, columns),
    '',
    `${[
      formatCount(status.failedChunks, 'failed chunk'),
      formatCount(status.deadLetters, 'dead letter'),
      `memory ${formatCount(status.memory, 'answer')}`,
      `disk ${formatNumber(status.freeGiB, 1)} GiB free`,
    ].join(', ')}`,
  ]
  // What is to be run is there whole.
  return `${[...lines.map((line) => cut(line, Math.max(60, columns))), ...nextLines(status)].join('\n')}\n`
}

const runLine = ({ lastRun, at, running, log, lines }: PipelineStatus): string[] => {
  if (log === 'kafka') {
    const manned = lines.filter(({ members }) => members !== null && members > 0).length
    return [`${manned} of ${formatCount(lines.length, 'line')} ${manned === 1 ? 'has' : 'have'} members`]
  }
  if (!lastRun) return []
  const { startedAt, endedAt, outcome } = lastRun
  const started = Date.parse(`${startedAt.replace(' ', 'T')}Z`)
  const ended = endedAt === null ? null : Date.parse(`${endedAt.replace(' ', 'T')}Z`)
  const since = formatDuration(Math.max(0, (ended ?? Date.parse(at)) - started) / 1000)
  return [
    running
      ? `running for ${since}`
      : `last run from ${startedAt.slice(0, 19)} UTC: ${ended === null ? `killed, it began ${since} ago` : `${outcome} after ${since}`}`,
  ]
}

/** A line per file where there are few, else their sum and those that are not done or had bad rows. */
const fileLines = (files: readonly SourceCheckpoint[]): string[] => {
  if (files.length === 0) return ['sources    nothing has been read yet']
  const sum = (of: (file: SourceCheckpoint) => number) => files.reduce((total, file) => total + of(file), 0)
  const all = `${formatCount(files.length, 'file')}, ${rowsText({
    file_rows: sum(({ file_rows }) => file_rows),
    selected: sum(({ selected }) => selected),
    dropped: sum(({ dropped }) => dropped),
    bad: sum(({ bad }) => bad),
  })}`
  const telling = files.length <= shownFiles ? files : files.filter(({ bad, done }) => bad > 0 || !done)
  const shown = telling
    .slice(0, shownFiles)
    .map(
      (file) =>
        `           ${file.bad > 0 ? '! ' : ''}${visibleLine(`${file.source} ${file.file}`)}: ${rowsText(file)}${file.done ? '' : ', not at its end yet'}`,
    )
  const more = telling.length - shown.length
  return [
    `sources    ${all}`,
    ...shown,
    ...(more > 0 ? [`           and ${formatCount(more, 'more file')} like these`] : []),
  ]
}

const rowsText = (file: Pick<SourceCheckpoint, 'file_rows' | 'selected' | 'dropped' | 'bad'>): string =>
  [
    `${formatCount(file.file_rows, 'row')} read: ${formatNumber(file.selected)} came in`,
    ...(file.dropped > 0 ? [`${formatNumber(file.dropped)} left out`] : []),
    `${formatNumber(file.bad)} bad`,
  ].join(', ')

const nextLines = (status: PipelineStatus): string[] => {
  const { lines, failedChunks, failedQuery, deadLetters, files, running, log, notRun, pauses } = status
  const waiting = lines.some((line) => line.waiting > 0) || files.some(({ done }) => !done)
  return [
    ...pauses.map(
      ({ line, state }) =>
        `! ${line} is paused, ${state === 'skipping' ? 'rankings go on without it' : 'rankings wait for it'}: kalam resume ${line}`,
    ),
    ...notRun.map((why) => `! ${why}`),
    ...(failedChunks > 0 ? [`! failed: ${sqlCommand(failedQuery)}`] : []),
    ...(deadLetters > 0 ? ['! dead letters: kalam dead-letters list'] : []),
    ...(waiting && !running
      ? [`Something waits: ${log === 'kafka' ? 'kalam work <stage>' : 'kalam run'} goes on from here.`]
      : []),
  ]
}
