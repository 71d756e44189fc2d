import type { Warehouse } from '../land/warehouse.ts'
import type { CallSums, ReasonCount } from './report-data.ts'

/** What the answers of every line took, and which were refused. */
export interface LineCalls {
  sums: Map<string, CallSums>
  refused: Map<string, ReasonCount[]>
}

/** Sums over the answers of all lines. */
export const collectCalls = async (warehouse: Warehouse): Promise<LineCalls> => {
  const sums = await warehouse.query<CallSums & { line: string }>(
    `SELECT line, count() AS calls, countIf(from_memory) AS fromMemory, sum(prompt_tokens) AS promptTokens,
  sum(completion_tokens) AS completionTokens, sumOrNullIf(cost_usd, NOT from_memory) AS costUsd,
  sumOrNullIf(cost_usd, from_memory) AS savedUsd FROM v_calls GROUP BY line`,
  )
  const refused = await warehouse.query<ReasonCount & { line: string }>(
    "SELECT line, outcome AS reason, count() AS count FROM v_calls WHERE outcome != 'ok' GROUP BY line, reason ORDER BY count DESC, reason",
  )
  const ofLine = (line: string) =>
    refused.filter((row) => row.line === line).map(({ reason, count }) => ({ reason, count }))
  return {
    sums: new Map(sums.map(({ line, ...row }) => [line, row])),
    refused: new Map(refused.map(({ line }) => [line, ofLine(line)])),
  }
}
