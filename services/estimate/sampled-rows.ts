import type { SourceConfig } from '../config.ts'
import { ownSplit } from '../ingest/row-to-conversation.ts'
import type { SourceFile, SourceReader, SourceRow } from '../ingest/source-reader.ts'
import { rowsInBlocks } from './block-rows.ts'
import { drawOf, lowest } from './lowest.ts'

/** A row that stands for others. */
export interface SampledRow {
  split: string
  /** Undefined for a row that cannot be read. */
  value: unknown
  /** How many rows of the split it stands for, itself included. */
  weight: number
  /** Whether all rows of the split were counted; else their number follows from bytes. */
  isCounted: boolean
}

/** How rows are drawn. */
export interface SampleOptions {
  /** Rows per split. */
  rows: number | 'all'
  seed: number
  /** Splits of more bytes are read at random places instead of from end to end. */
  wholeBytes: number
  signal: AbortSignal
}

/** The split of a row. */
export const splitOf = (source: SourceConfig, file: SourceFile, row: SourceRow): string =>
  source.split ?? ('value' in row ? ownSplit(row.value) : undefined) ?? file.split

/** Rows of every split of a source; their weights add up to the rows that the source has. */
export async function* sampledRows(
  source: SourceConfig,
  reader: SourceReader,
  options: SampleOptions,
): AsyncGenerator<SampledRow> {
  for (const files of groupedBySplit(await reader.files())) {
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    if (options.rows === 'all') yield* allRows(source, reader, files, options.signal)
    else if (bytes <= options.wholeBytes) yield* drawnRows(source, reader, files, options)
    else yield* rowsInBlocks(source, reader, files, { ...options, rows: options.rows })
  }
}

const groupedBySplit = (files: readonly SourceFile[]): SourceFile[][] => {
  const groups = new Map<string, SourceFile[]>()
  for (const file of files) groups.set(file.split, [...(groups.get(file.split) ?? []), file])
  return [...groups.values()]
}

/** Every row of some files, in order, with its split. */
async function* everyRow(
  source: SourceConfig,
  reader: SourceReader,
  files: readonly SourceFile[],
  signal: AbortSignal,
) {
  for (const file of files)
    for await (const batch of reader.rows(file, { from: 0, line: 1 }, signal))
      for (const row of batch)
        yield { split: splitOf(source, file, row), value: 'value' in row ? row.value : undefined }
}

async function* allRows(
  source: SourceConfig,
  reader: SourceReader,
  files: readonly SourceFile[],
  signal: AbortSignal,
): AsyncGenerator<SampledRow> {
  for await (const row of everyRow(source, reader, files, signal)) yield { ...row, weight: 1, isCounted: true }
}

async function* drawnRows(
  source: SourceConfig,
  reader: SourceReader,
  files: readonly SourceFile[],
  { rows, seed, signal }: SampleOptions,
): AsyncGenerator<SampledRow> {
  const splits = new Map<string, ReturnType<typeof lowest<unknown>>>()
  for await (const { split, value } of everyRow(source, reader, files, signal)) {
    const held = splits.get(split) ?? lowest<unknown>(rows as number)
    splits.set(split, held)
    // Rows that a side run drew with the same seed are in the memory: this draw must not prefer them.
    held.offer(drawOf(`estimate ${seed}`, split, held.offered), () => value)
  }
  for (const [split, held] of splits) {
    const taken = held.taken()
    const weight = held.offered / taken.length
    yield* taken.map((value) => ({ split, value, weight, isCounted: true }))
  }
}
