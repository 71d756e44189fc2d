import type { PipelineConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { collectRanking } from './collect-ranking.ts'
import type { BadRowReport, FileReport, LineReport, ReasonCount, ReportData } from './report-data.ts'

const shownBadRows = 50

/** Reads all that a report shows from the warehouse's views. */
export const collectReport = async (
  warehouse: Warehouse,
  about: { config: PipelineConfig; version: string; at: string },
): Promise<ReportData> => {
  const { config, version, at } = about
  const rankings = []
  for (const [ranking, { candidates }] of Object.entries(config.rankings))
    rankings.push(await collectRanking(warehouse, ranking, candidates))
  const [{ badRowCount = 0 } = {}] = await warehouse.query<{ badRowCount: number }>(
    'SELECT count() AS badRowCount FROM v_dead_letters',
  )
  return {
    pipeline: config.pipeline,
    language: config.target.language,
    version,
    at,
    rankings,
    lines: await collectLines(warehouse),
    files: await warehouse.query<FileReport>(
      'SELECT source, file, rows, selected, dropped, bad FROM v_selection ORDER BY source, file',
    ),
    badRows: await warehouse.query<BadRowReport>(
      `SELECT file, line_number AS line, reason, detail FROM v_dead_letters ORDER BY file, line_number LIMIT ${shownBadRows}`,
    ),
    badRowCount,
    saved: await warehouse.query<{ lost: string; by: string; count: number }>(
      `SELECT a.line AS lost, b.line AS by, count() AS count FROM v_candidates a JOIN v_candidates b ON a.id = b.id
WHERE a.in_line AND NOT a.complete AND b.complete AND b.in_line GROUP BY lost, by ORDER BY lost, by`,
    ),
  }
}

const collectLines = async (warehouse: Warehouse): Promise<LineReport[]> => {
  const lines = await warehouse.query<
    Omit<LineReport, 'reasons' | 'calls' | 'fromMemory' | 'promptTokens' | 'completionTokens' | 'costUsd'>
  >(
    `SELECT line, max(c.backend) AS backend, countIf(status = 'translated') AS translated, countIf(status = 'kept') AS kept,
  countIf(status = 'failed') AS failed, countIf(status = 'skipped') AS skipped, max(c.backend = 'pseudo') AS pseudo
FROM v_chunks c GROUP BY line ORDER BY line`,
  )
  const reasons = await warehouse.query<ReasonCount & { line: string }>(
    "SELECT line, reason, count() AS count FROM v_chunks WHERE reason != '' GROUP BY line, reason ORDER BY count DESC, reason",
  )
  const calls = await warehouse.query<
    { line: string } & Pick<LineReport, 'calls' | 'fromMemory' | 'promptTokens' | 'completionTokens' | 'costUsd'>
  >(
    `SELECT line, count() AS calls, countIf(from_memory) AS fromMemory, sum(prompt_tokens) AS promptTokens,
  sum(completion_tokens) AS completionTokens, sumOrNullIf(cost_usd, NOT from_memory) AS costUsd FROM v_calls GROUP BY line`,
  )
  const none = { calls: 0, fromMemory: 0, promptTokens: 0, completionTokens: 0, costUsd: null }
  return lines.map((line) => ({
    ...line,
    pseudo: Boolean(line.pseudo),
    ...(calls.find((call) => call.line === line.line) ?? none),
    reasons: reasons.filter((reason) => reason.line === line.line).map(({ reason, count }) => ({ reason, count })),
  }))
}
