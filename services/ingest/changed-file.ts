import { hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { KalamError } from '../../dataflow/error.ts'
import type { SourceCheckpoint } from '../../schemas/records.ts'
import type { SourceFile, SourceReader } from './source-reader.ts'

/** So many bytes before a checkpoint tell that what was read is still there. */
const markBytes = 4096

/** The SHA-256 of the last bytes of a file before a place, in hexadecimal digits. */
export const markAt = async (path: string, byte: number): Promise<string> => {
  const length = Math.min(byte, markBytes)
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, byte - length)
    return hash('sha256', buffer.subarray(0, bytesRead), 'hex')
  } finally {
    await file.close()
  }
}

/** Why a file cannot be read on at its checkpoint: what was read of it is not there any more. KalamError settings_changed, or nothing. */
export const changedFile = async (
  reader: SourceReader,
  source: string,
  file: SourceFile,
  { byte, mark }: Pick<SourceCheckpoint, 'byte' | 'mark'>,
): Promise<KalamError | undefined> => {
  if (!file.growsBytewise || byte === 0) return undefined
  if (file.size < byte) return changed(source, file, `it has ${file.size} bytes, and ${byte} of it were read before`)
  if (mark === '' || mark === (await reader.mark(file, byte))) return undefined
  return changed(source, file, `the ${byte} bytes that were read before are others now`)
}

const changed = (source: string, { file }: SourceFile, fact: string): KalamError =>
  new KalamError('settings_changed', `reading source ${source}: ${file} was changed: ${fact}`, {
    hint: `Files may only grow. Put the old file back, or name the changed dataset as a new source in pipeline.yaml: its rows are read as new ones, and what was translated before comes from memory.`,
  })
