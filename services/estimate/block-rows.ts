import type { SourceConfig } from '../config.ts'
import type { SourceFile, SourceReader, SourceRow } from '../ingest/source-reader.ts'
import { drawOf } from './lowest.ts'
import { type SampledRow, splitOf } from './sampled-rows.ts'

/** Places of a split that rows are read at; a Parquet file gives no less than what is left of a row group. */
const blocks = { jsonl: 32, parquet: 6 }

/** How rows of a large split are drawn. */
interface BlockOptions {
  rows: number
  seed: number
  signal: AbortSignal
}

/**
 * Rows at random places of files too large to be read to their end. How many rows there are follows from what a row
 * takes of its file. Compressed JSONL cannot be entered in its middle: there rows come from the beginnings of files.
 */
export async function* rowsInBlocks(
  source: SourceConfig,
  reader: SourceReader,
  files: readonly SourceFile[],
  options: BlockOptions,
): AsyncGenerator<SampledRow> {
  const kinds = [
    files.filter(({ growsBytewise }) => growsBytewise),
    files.filter(({ file }) => file.endsWith('.gz')),
    files.filter(({ file, growsBytewise }) => !growsBytewise && !file.endsWith('.gz')),
  ]
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  for (const kind of kinds) {
    if (kind.length === 0) continue
    const share = kind.reduce((sum, { size }) => sum + size, 0) / bytes
    const rows = Math.max(1, Math.ceil(options.rows * share))
    yield* rowsOfKind(source, reader, kind, { ...options, rows })
  }
}

async function* rowsOfKind(
  source: SourceConfig,
  reader: SourceReader,
  files: readonly SourceFile[],
  options: BlockOptions,
): AsyncGenerator<SampledRow> {
  const size = await Promise.all(files.map((file) => reader.extent(file)))
  const total = size.reduce((sum, units) => sum + units, 0)
  const places = placesIn(files, size, options)
  const each = Math.max(1, Math.ceil(options.rows / places.length))
  const found: { row: SourceRow; file: SourceFile }[] = []
  for (const { file, from } of places) {
    const rows = await rowsAt(reader, file, { from, count: each, signal: options.signal })
    found.push(...rows.map((row) => ({ row, file })))
  }
  // What a row takes of its file, with the end of its line.
  const units = found.reduce((sum, { row }) => sum + Math.max(1, row.next - row.byteStart), 0)
  const weight = found.length === 0 ? 0 : total / units
  yield* found.map(({ row, file }) => ({
    split: splitOf(source, file, row),
    value: 'value' in row ? row.value : undefined,
    weight,
    isCounted: false,
  }))
}

/** Different places, each file as often as its size says. */
const placesIn = (files: readonly SourceFile[], size: readonly number[], { seed }: BlockOptions) => {
  const total = size.reduce((sum, units) => sum + units, 0)
  const places = new Map<string, { file: SourceFile; from: number }>()
  const count = files[0]!.file.endsWith('.parquet') ? blocks.parquet : blocks.jsonl
  for (let block = 0; block < count; block++) {
    let at = drawOf(`blocks ${seed}`, files[0]!.split, block) * total
    let index = 0
    while (index < files.length - 1 && at >= size[index]!) at -= size[index++]!
    const file = files[index]!
    const from = file.file.endsWith('.gz') ? 0 : Math.floor(at)
    places.set(`${file.file} ${from}`, { file, from })
  }
  return [...places.values()]
}

/** Rows from a place on. A byte falls into a long row more often than into a short one, so that its own row is left out. */
const rowsAt = async (
  reader: SourceReader,
  file: SourceFile,
  { from, count, signal }: { from: number; count: number; signal: AbortSignal },
): Promise<SourceRow[]> => {
  const skip = from > 0 && file.growsBytewise ? 1 : 0
  const rows: SourceRow[] = []
  for await (const batch of reader.rows(file, { from, line: 1 }, signal)) {
    rows.push(...batch.slice(0, count + skip - rows.length))
    if (rows.length >= count + skip) break
  }
  return rows.slice(skip)
}
