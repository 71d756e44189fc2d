import type { PipelineConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { configuredLines } from './configured-lines.ts'

/** Chunks that failed for good. */
export interface FailedChunks {
  count: number
  /** Lists them and no others. */
  query: string
}

/** The failed chunks of the lines that pipeline.yaml names; lines that it named once may have others in the tables. */
export const failedChunks = async (warehouse: Warehouse, config: PipelineConfig): Promise<FailedChunks> => {
  const lines = configuredLines(config).map(({ line }) => line)
  const [found] = await warehouse.query<{ named: number; every: number }>(
    `SELECT countIf(line IN {lines:Array(String)}) AS named, count() AS every FROM v_chunks WHERE status = 'failed'`,
    { lines },
  )
  const { named, every } = found ?? { named: 0, every: 0 }
  const only = every > named ? ` AND line IN (${lines.map((line) => `'${line}'`).join(', ')})` : ''
  return { count: named, query: `SELECT id, line, reason FROM v_chunks WHERE status = 'failed'${only}` }
}
