import type { PipelineConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { configuredLines } from './configured-lines.ts'
import type { CallSums, LineReport, ReasonCount, Spent } from './report-data.ts'

/** What the answers of every line took, and which were refused. */
export interface LineCalls {
  sums: Map<string, CallSums>
  refused: Map<string, ReasonCount[]>
}

/** Sums over the answers of all lines. */
export const collectCalls = async (warehouse: Warehouse): Promise<LineCalls> => {
  const sums = await warehouse.query<CallSums & { line: string }>(
    `SELECT line, count() AS calls, countIf(from_memory) AS fromMemory, sum(prompt_tokens) AS promptTokens,
  sum(completion_tokens) AS completionTokens, sumOrNull(cost_usd) AS costUsd,
  sumOrNullIf(cost_usd, NOT from_memory) AS paidUsd, countIf(cost_usd IS NULL) AS unpriced FROM v_calls GROUP BY line`,
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

/**
 * What was paid for all lines: what the ledger has booked by translator, in dollars, of answers too that are not live any more or that a
 * crash left in the memory alone, or what the records tell where that is more.
 */
export const spentOf = (
  lines: readonly Pick<LineReport, 'line' | 'sums'>[],
  config: PipelineConfig,
  booked: ReadonlyMap<string, number>,
): Spent => {
  const names = new Map(configuredLines(config).map(({ line, translator }) => [line, translator]))
  const spent = new Map(booked)
  const worth = new Map<string, number>()
  const paid = new Map<string, number>()
  for (const { line, sums } of lines) {
    const name = names.get(line) ?? line
    worth.set(name, (worth.get(name) ?? 0) + (sums.costUsd ?? 0))
    paid.set(name, (paid.get(name) ?? 0) + (sums.paidUsd ?? 0))
  }
  for (const [name, usd] of paid) spent.set(name, Math.max(usd, spent.get(name) ?? 0))
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
  const isKnown = lines.some(({ sums }) => sums.costUsd !== null) || sum(spent.values()) > 0
  const saved = [...worth].map(([name, usd]) => Math.max(0, usd - (spent.get(name) ?? 0)))
  return { usd: isKnown ? sum(spent.values()) : null, savedUsd: sum(saved) }
}
