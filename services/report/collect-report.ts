import type { SourceCheckpoint } from '../../schemas/records.ts'
import type { PipelineConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { spentOf } from './collect-calls.ts'
import { collectLines } from './collect-lines.ts'
import { collectRanking } from './collect-ranking.ts'
import { collectSaved } from './collect-saved.ts'
import { failedChunks } from './failed-chunks.ts'
import type { BadRowReport, ReasonCount, ReportData } from './report-data.ts'

const shownBadRows = 50

/** What a report tells beside what stands in the tables. */
export interface ReportAbout {
  /** With the settings of what is live. */
  config: PipelineConfig
  version: string
  /** ISO time. */
  at: string
  /** Whether records still wait somewhere. */
  underWay: boolean
  /** The last checkpoint of every file. */
  files: readonly SourceCheckpoint[]
  /** Dollars that the ledger has booked, by translator. */
  booked: ReadonlyMap<string, number>
  /** Lines whose settings in pipeline.yaml are not those of `config`. */
  edited: string[]
}

/** Reads all that a report shows from the warehouse's views and the sources' checkpoints. */
export const collectReport = async (warehouse: Warehouse, about: ReportAbout): Promise<ReportData> => {
  const { config, version, at, underWay, edited } = about
  const rankings = []
  for (const [name, ranking] of Object.entries(config.rankings))
    rankings.push(await collectRanking(warehouse, name, ranking))
  const lines = await collectLines(warehouse, config, underWay)
  const [conversations] = await warehouse.query<{ n: number }>('SELECT count() AS n FROM v_conversations')
  return {
    pipeline: config.pipeline,
    language: config.target.language,
    version,
    at,
    underWay,
    conversations: conversations?.n ?? 0,
    rankings,
    lines,
    spent: spentOf(lines, config, about.booked),
    edited,
    failedQuery: (await failedChunks(warehouse, config)).query,
    files: about.files.toSorted(byPlace).map(({ source, file, file_rows, selected, dropped, bad, done }) => ({
      source,
      file,
      rows: file_rows,
      selected,
      dropped,
      bad,
      done,
    })),
    badRows: await warehouse.query<BadRowReport>(
      `SELECT stage, file, line_number AS line, reason, detail FROM v_dead_letters ORDER BY file, line_number, reason LIMIT ${shownBadRows}`,
    ),
    badRowReasons: await warehouse.query<ReasonCount>(
      'SELECT reason, count() AS count FROM v_dead_letters GROUP BY reason ORDER BY count DESC, reason',
    ),
    ...(await collectSaved(warehouse, config)),
  }
}

const byPlace = (a: SourceCheckpoint, b: SourceCheckpoint): number =>
  a.source === b.source ? (a.file < b.file ? -1 : 1) : a.source < b.source ? -1 : 1
