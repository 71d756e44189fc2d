import type { PipelineConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { configuredLines } from './configured-lines.ts'
import type { ReportData } from './report-data.ts'

/**
 * Conversations that one line of pipeline.yaml lost and another one has whole, by pairs of lines, and how many they are in
 * all: one that several lines lost or have stands in several pairs. Text that is no translation saves nothing.
 */
export const collectSaved = async (
  warehouse: Warehouse,
  config: PipelineConfig,
): Promise<Pick<ReportData, 'saved' | 'savedConversations'>> => {
  const of = { lines: configuredLines(config).map(({ line }) => line) }
  const saved = await warehouse.query<ReportData['saved'][number]>(
    `SELECT a.line AS lost, b.line AS by, count() AS count ${pairs} GROUP BY lost, by ORDER BY lost, by`,
    of,
  )
  const [all] = await warehouse.query<{ n: number }>(`SELECT uniqExact(a.id) AS n ${pairs}`, of)
  return { saved, savedConversations: all?.n ?? 0 }
}

const named = '{lines:Array(String)}'
const pairs = `FROM v_candidates a JOIN v_candidates b ON a.id = b.id
WHERE a.in_line AND NOT a.complete AND a.line IN ${named} AND b.in_line AND b.complete AND NOT b.pseudo AND b.line IN ${named}`
