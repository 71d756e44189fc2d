/** A row as the source has it, or why it could not be read. */
export type SourceRow = {
  /** One-based line or row in its file. */
  line: number
  /** Where to go on behind this row: a byte (JSONL) or a row (Parquet). */
  next: number
  byteStart: number
  byteEnd: number
} & ({ value: unknown; raw?: Uint8Array } | { bad: { reason: string; detail: string; raw: Uint8Array } })

/** One file of a source. */
export interface SourceFile {
  /** Path relative to the source's root, with forward slashes. */
  file: string
  split: string
  /** Bytes on disk, for progress. */
  size: number
  /** Whether a checkpoint's `byte` counts bytes on disk, so that the size tells whether rows were appended. */
  growsBytewise: boolean
}

/** The source port: rows of its files from a position on. Files of a split come in byte order of their names. */
export interface SourceReader {
  files(): Promise<SourceFile[]>
  /** Where a file ends, counted as a checkpoint's `byte`; of a compressed file what its last bytes say, which is a guess. */
  extent(file: SourceFile): Promise<number>
  /** What tells of a file that grows bytewise whether its bytes before a place are the same as before. */
  mark(file: SourceFile, byte: number): Promise<string>
  /** Rows in batches, in order; `from` and `line` are a checkpoint's `byte` and `line`. */
  rows(file: SourceFile, start: { from: number; line: number }, signal: AbortSignal): AsyncIterable<SourceRow[]>
}
