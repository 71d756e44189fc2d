import { type PipelineConfig, pipelineSchema } from '../../../services/config.ts'
import { rowText } from '../../../services/land/row-text.ts'
import type { Warehouse } from '../../../services/land/warehouse.ts'

/** A configuration with these translator lines, all of them pseudo translators, and rankings of these candidates. */
export const configOf = (lines: readonly string[], rankings: Record<string, string[]> = {}): PipelineConfig =>
  pipelineSchema.parse({
    pipeline: 'landed',
    sources: [{ name: 'chat', path: 'chat.jsonl' }],
    chunkings: { lines25: { by: 'lines' } },
    translators: Object.fromEntries(lines.map((line) => [line, { backend: 'pseudo', chunking: 'lines25' }])),
    rankings: Object.fromEntries(Object.entries(rankings).map(([name, candidates]) => [name, { candidates }])),
  })

/** Puts rows of live lines into a table, each as the first and only generation of its line has it. */
export const land = async (
  warehouse: Warehouse,
  { table, stage }: { table: string; stage: string },
  rows: readonly ({ line: string } & Record<string, unknown>)[],
): Promise<void> => {
  const lines = [...new Set(rows.map(({ line }) => line))]
  await warehouse.insert('live_generations', rowText(lines.map((line) => ({ stage, line, generation: 1, offset: 1 }))))
  const place = { generation: 1, source: 'chat', split: 'main', row: '0', partition: 0 }
  await warehouse.insert(table, rowText(rows.map((row, offset) => ({ ...place, ...row, offset }))))
}
