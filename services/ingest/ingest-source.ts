import type { Log, OutputRecord } from '../../dataflow/log.ts'
import { computeTurn } from '../../dataflow/operators/compute-turns.ts'
import { partitionOf } from '../../dataflow/place.ts'
import type { SourceCheckpoint } from '../../schemas/records.ts'
import { changedFile } from './changed-file.ts'
import type { Turn, Turns } from './fair-turns.ts'
import { checkpointKey, readCheckpoints } from './read-checkpoints.ts'
import { type ReadSoFar, type RowContext, rowOutputs } from './row-outputs.ts'
import { seenIds } from './seen-ids.ts'
import type { SourceFile, SourceReader } from './source-reader.ts'
import { refuseOwnSplit, splitStreams } from './split-streams.ts'

const commitBytes = 4 * 2 ** 20
const commitRows = 200

/** What reading one source needs. */
export interface IngestOptions extends RowContext {
  reader: SourceReader
  log: Log
  /** Writes records in one transaction, after anyone who read this source before was shut out. */
  commit(outputs: OutputRecord[]): Promise<void>
  /** Whether files may grow: then their end is not final. */
  follow: boolean
  /** Resolves when there is room for more, or at the signal. */
  room?(signal: AbortSignal): Promise<void>
  /** With whom splits are read in turns, each in proportion to its size; without it one file comes after the other. */
  turns?: Turns | undefined
  onProgress?(done: { rows: number; bytes: number; totalBytes: number }): void
}

/** A source that is being read; only one may be read on at a time. */
export interface Ingest {
  /** Reads on to the end of all files, or until the signal is aborted. */
  readOn(signal: AbortSignal): Promise<void>
}

/**
 * Opens a source at its checkpoints. Every row becomes a conversation's messages or a dead letter, written with the
 * checkpoint behind it in one transaction. Reading on is KalamError settings_changed when what was read of a file is not in it any more.
 */
export const openIngest = async (options: IngestOptions): Promise<Ingest> => {
  const { source, reader, log, codec, topics } = options
  const soFar: ReadSoFar = {
    checkpoints: await readCheckpoints(log, codec, topics, source.name),
    ids: await seenIds(log, topics, source),
  }
  /** Sizes at which files were last read to their end. */
  const readAt = new Map<string, number>()
  return {
    async readOn(signal) {
      const files = await reader.files()
      if (options.turns) return readInTurns(options, files, soFar, signal)
      const totalBytes = files.reduce((sum, file) => sum + file.size, 0)
      let bytesBefore = 0
      const report = (bytes: number) =>
        options.onProgress?.({ rows: soFar.checkpoints.rowsOfSource, bytes: bytesBefore + bytes, totalBytes })
      for (const file of files) {
        const state = fileState(source.name, file, soFar)
        if (readAt.get(file.file) !== file.size) await refuseChanged(options, file, state)
        const grown = file.growsBytewise && file.size > state.byte
        if (readAt.get(file.file) !== file.size && (!state.done || grown))
          await ingestFile(options, file, state, soFar, signal, report)
        if (signal.aborted) return
        readAt.set(file.file, file.size)
        report(file.size)
        bytesBefore += file.size
      }
    },
  }
}

/** Shares of a split between two turns. */
const turnShare = 0.01

/** Reads the splits of a source in turns with each other and with those of other sources; the order within a split is kept. */
const readInTurns = async (
  options: IngestOptions,
  files: readonly SourceFile[],
  soFar: ReadSoFar,
  signal: AbortSignal,
): Promise<void> => {
  const { source, reader, turns } = options
  const extents = new Map<string, number>()
  for (const file of files) {
    await refuseChanged(options, file, fileState(source.name, file, soFar))
    extents.set(file.file, await reader.extent(file))
  }
  const bytesOf = (file: SourceFile): number => {
    const { done, byte } = fileState(source.name, file, soFar)
    return done ? file.size : file.size * Math.min(1, byte / Math.max(1, extents.get(file.file) ?? 1))
  }
  const sum = (of: readonly SourceFile[], bytes: (file: SourceFile) => number) =>
    of.reduce((all, file) => all + bytes(file), 0)
  const progress = (of: readonly SourceFile[]) =>
    sum(of, bytesOf) /
    Math.max(
      1,
      sum(of, ({ size }) => size),
    )
  const totalBytes = sum(files, ({ size }) => size)
  const report = () =>
    options.onProgress?.({ rows: soFar.checkpoints.rowsOfSource, bytes: sum(files, bytesOf), totalBytes })
  const streams = await splitStreams(reader, files, signal)
  const joined = turns!.join(streams.map(progress))
  const readStream = async (stream: readonly SourceFile[], turn: Turn): Promise<void> => {
    let last = progress(stream)
    const paced: Paced = {
      isAlone: streams.length > 1 && source.split === undefined,
      isDue: () => progress(stream) >= last + turnShare,
      async handOver() {
        last = progress(stream)
        await turn.next(last, signal)
      },
    }
    try {
      await paced.handOver()
      for (const file of stream) {
        const state = fileState(source.name, file, soFar)
        if (!signal.aborted && !state.done) await ingestFile(options, file, state, soFar, signal, report, paced)
      }
    } finally {
      turn.leave()
    }
  }
  await Promise.all(streams.map((stream, at) => readStream(stream, joined[at]!)))
}

/** A file that is read in turns with others. */
interface Paced {
  /** Whether every row has to be of the file's split. */
  isAlone: boolean
  isDue(): boolean
  handOver(): Promise<void>
}

const fileState = (source: string, file: SourceFile, { checkpoints }: ReadSoFar): SourceCheckpoint => {
  const known = checkpoints.files.get(file.file)
  if (known) return known
  const state = { source, split: file.split, file: file.file, file_rows: 0, byte: 0, line: 1, split_rows: {} }
  const fresh = { ...state, selected: 0, dropped: 0, bad: 0, done: false, mark: '' }
  checkpoints.files.set(file.file, fresh)
  return fresh
}

const refuseChanged = async (
  { reader, source }: IngestOptions,
  file: SourceFile,
  state: SourceCheckpoint,
): Promise<void> => {
  const changed = await changedFile(reader, source.name, file, state)
  if (changed) throw changed
}

const ingestFile = async (
  options: IngestOptions,
  file: SourceFile,
  state: SourceCheckpoint,
  soFar: ReadSoFar,
  signal: AbortSignal,
  report: (bytes: number) => void,
  paced?: Paced,
): Promise<void> => {
  const done = !options.follow
  let outputs: OutputRecord[] = []
  let bytes = 0
  let rows = 0
  const commit = async (): Promise<void> => {
    state.mark = file.growsBytewise ? await options.reader.mark(file, state.byte) : ''
    await options.commit([...outputs, checkpointRecord(options, state)])
    outputs = []
    bytes = rows = 0
    report(state.byte)
  }
  await options.room?.(signal)
  if (signal.aborted) return
  for await (const batch of options.reader.rows(file, { from: state.byte, line: state.line }, signal)) {
    for (const row of batch) {
      const turn = computeTurn({ feeds: true })
      if (turn) await turn
      if (paced?.isAlone && 'value' in row) refuseOwnSplit(options.source.name, file, row)
      for (const record of rowOutputs(options, file, row, state, soFar)) {
        outputs.push(record)
        bytes += record.value.length
      }
      if (++rows >= commitRows || bytes >= commitBytes || paced?.isDue()) {
        await commit()
        await options.room?.(signal)
        await paced?.handOver()
      }
      if (signal.aborted) return
    }
  }
  if (signal.aborted || (state.done === done && outputs.length === 0)) return
  state.done = done
  await commit()
}

const checkpointRecord = (
  { source, codec, topics, partitions, now }: RowContext,
  state: SourceCheckpoint,
): OutputRecord => {
  const key = checkpointKey(source.name, state.file)
  const partition = partitionOf(key, partitions)
  const value = codec.encode('SourceCheckpoint', state)
  return { topic: topics.sources, partition, key, value, headers: {}, timestamp: now() }
}
