import { KalamError } from '../../dataflow/error.ts'
import { ownSplit } from './row-to-conversation.ts'
import type { SourceFile, SourceReader } from './source-reader.ts'

/**
 * The files of a source by split, each in its order: what can be read side by side without another number for a row. All
 * are one stream where rows name their splits themselves, since then a split may have rows in any file.
 */
export const splitStreams = async (
  reader: SourceReader,
  files: readonly SourceFile[],
  signal: AbortSignal,
): Promise<SourceFile[][]> => {
  const splits = new Map<string, SourceFile[]>()
  for (const file of files) splits.set(file.split, [...(splits.get(file.split) ?? []), file])
  const streams = [...splits.values()]
  if (streams.length < 2) return streams
  for (const [first] of streams) if (await namesSplit(reader, first!, signal)) return [[...files]]
  return streams
}

const namesSplit = async (reader: SourceReader, file: SourceFile, signal: AbortSignal): Promise<boolean> => {
  for await (const rows of reader.rows(file, { from: 0, line: 1 }, signal))
    return rows.some((row) => 'value' in row && ownSplit(row.value) !== undefined)
  return false
}

/** Refuses a row that names another split than its file, when files are read side by side. KalamError usage. */
export const refuseOwnSplit = (
  source: string,
  { file, split }: SourceFile,
  { line, value }: { line: number; value: unknown },
): void => {
  const own = ownSplit(value)
  if (own === undefined || own === split) return
  throw new KalamError(
    'usage',
    `reading source ${source}: ${file}:${line} is a row of split ${own}, and others before it were of ${split}`,
    {
      hint: 'Such files cannot be read side by side: run without --until-budget, or with every split in files of its own.',
    },
  )
}
