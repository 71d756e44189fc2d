import { type Percentiles, shownPercentiles } from '../../core/report/percentiles.ts'
import type { PipelineConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { collectCalls, type LineCalls } from './collect-calls.ts'
import { configuredLines } from './configured-lines.ts'
import type { LineReport, ReasonCount } from './report-data.ts'
import { binColumn, meanColumns, type Read, ratioStats, readMean } from './sql-means.ts'

type Of<Row> = Row & { line: string }
type Candidates = Of<Read> & { percentiles: (number | null)[] }
type Bin = Of<{ metric: string; bin: number; count: number }>

/** Every translator line of pipeline.yaml: its chunks, its calls, and the figures of its candidates. */
export const collectLines = async (
  warehouse: Warehouse,
  config: PipelineConfig,
  underWay: boolean,
): Promise<LineReport[]> => {
  const found = {
    candidates: await warehouse.query<Candidates>(candidatesQuery),
    bins: [...(await binsOf(warehouse, 'lr')), ...(await binsOf(warehouse, 'scr'))],
    splits: await warehouse.query<Of<Read>>(splitsQuery),
    chunks: await warehouse.query<Of<Read> & { backend: string }>(chunksQuery),
    reasons: await warehouse.query<Of<ReasonCount & { status: string }>>(reasonsQuery),
    flagged: await warehouse.query<Of<ReasonCount>>(flagsQuery),
    calls: await collectCalls(warehouse),
  }
  return configuredLines(config).map(({ line, model, settings }) => {
    const of = <Row extends { line: string }>(rows: readonly Row[]): Row[] => rows.filter((row) => row.line === line)
    const reasons = (status: string) =>
      of(found.reasons)
        .filter((row) => row.status === status)
        .map(({ reason, count }) => ({ reason, count }))
    const [candidates] = of(found.candidates)
    const [chunks] = of(found.chunks)
    const inLine = candidates?.inLine ?? 0
    const stats = (metric: string) =>
      ratioStats(
        readMean(candidates, metric),
        of(found.bins).filter((bin) => bin.metric === metric),
        inLine,
      )
    const landed = chunks?.landed ?? 0
    return {
      line,
      model,
      backend: settings.backend,
      chunking: settings.chunking,
      pseudo: settings.backend === 'pseudo' || Boolean(candidates?.pseudo),
      conversations: candidates?.conversations ?? 0,
      inLine,
      complete: candidates?.complete ?? 0,
      chunks: {
        translated: chunks?.translated ?? 0,
        kept: chunks?.kept ?? 0,
        failed: chunks?.failed ?? 0,
        skipped: chunks?.skipped ?? 0,
        holes: underWay ? null : Math.max(0, (candidates?.ended ?? 0) - landed),
      },
      failures: reasons('failed'),
      skips: reasons('skipped'),
      ...callsOf(found.calls, line),
      lr: stats('lr'),
      scr: stats('scr'),
      lrAll: readMean(candidates, 'lr_all'),
      scrAll: readMean(candidates, 'scr_all'),
      tokens: inLine === 0 ? null : percentilesOf(candidates?.percentiles ?? []),
      splits: of(found.splits).map((row) => ({
        split: String(row.split),
        candidates: row.candidates ?? 0,
        lr: readMean(row, 'lr'),
        scr: readMean(row, 'scr'),
      })),
      flagged: of(found.flagged).map(({ reason, count }) => ({ reason, count })),
    }
  })
}

const callsOf = (calls: LineCalls, line: string): Pick<LineReport, 'sums' | 'refused'> => ({
  sums: calls.sums.get(line) ?? {
    calls: 0,
    fromMemory: 0,
    promptTokens: 0,
    completionTokens: 0,
    costUsd: null,
    paidUsd: null,
    unpriced: 0,
  },
  refused: calls.refused.get(line) ?? [],
})

const percentilesOf = (values: readonly (number | null)[]): Percentiles =>
  Object.fromEntries(shownPercentiles.map((percent, i) => [percent, values[i] ?? 0])) as Percentiles

const binsOf = (warehouse: Warehouse, metric: string): Promise<Bin[]> =>
  warehouse.query<Bin>(
    `SELECT line, '${metric}' AS metric, ${binColumn(metric)}, count() AS count FROM v_candidates
WHERE in_line AND metrics['${metric}'] IS NOT NULL GROUP BY line, bin`,
  )

const shares = shownPercentiles.map((percent) => percent / 100).join(', ')
// Candidates that are not in line have no metrics, so means and percentiles leave them out by themselves.
const candidatesQuery = `SELECT line, count() AS conversations, countIf(in_line) AS inLine, countIf(in_line AND complete) AS complete,
  max(pseudo) AS pseudo, sum(translated + kept + failed + skipped) AS ended, ${meanColumns('lr', 'scr', 'lr_all', 'scr_all')},
  quantilesExact(${shares})(metrics['tokens_content']) AS percentiles FROM v_candidates GROUP BY line`
const splitsQuery = `SELECT line, split, count() AS candidates, ${meanColumns('lr', 'scr')} FROM v_candidates
WHERE in_line GROUP BY line, split ORDER BY line, split`
const chunksQuery = `SELECT line, count() AS landed, countIf(status = 'translated') AS translated, countIf(status = 'kept') AS kept,
  countIf(status = 'failed') AS failed, countIf(status = 'skipped') AS skipped FROM v_chunks GROUP BY line`
const reasonsQuery = `SELECT line, status, reason, count() AS count FROM v_chunks WHERE reason != ''
GROUP BY line, status, reason ORDER BY count DESC, reason`
// A hole is a failed chunk, which the ledger has already.
const flagsQuery = `SELECT line, code AS reason, uniqExact(source, split, row) AS count FROM v_flags
WHERE code != 'hole' GROUP BY line, code ORDER BY count DESC, code`
