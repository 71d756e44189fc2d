import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { KalamError, messageOf } from '../error.ts'

const detailMs = 1000

/** What a failed write to the log's folder means for the user: `disk_full`, or `log_broken` for anything else. */
export const writeError = (cause: unknown, folder: string, file?: string): KalamError => {
  // LMDB reports a write that was cut short as an input/output error, whatever cut it short: another write tells.
  const full = fullText.exec(messageOf(cause))?.[0] ?? (file === undefined ? undefined : whyNothingFits(folder, file))
  if (full === undefined) {
    return new KalamError('log_broken', `writing to ${folder}: ${messageOf(cause)}`, { cause })
  }
  return new KalamError('disk_full', `writing to ${folder}: the disk is full or a size limit is reached (${full})`, {
    hint: 'Nothing committed is lost. Make room and run the same command again.',
    cause,
  })
}

const fullText = /no space left on device|file too large|disk quota exceeded|MDB_MAP_FULL/i

/** Why a commit failed: the lmdb package rejects it first and tells why afterwards, in a promise of its own. */
export const commitFailure = async (thrown: unknown): Promise<unknown> => {
  const { commitError } = Object(thrown) as { commitError?: Promise<unknown> }
  if (!commitError) return thrown
  const told = commitError.then(
    () => thrown,
    (detail: unknown) => detail,
  )
  let timer: NodeJS.Timeout | undefined
  const silent = new Promise<unknown>((resolve) => {
    timer = setTimeout(resolve, detailMs, thrown)
  })
  return Promise.race([told, silent]).finally(() => clearTimeout(timer))
}

/** Writes a megabyte behind the end that the log's file has, to a file of its own; tells what stands against it. */
const whyNothingFits = (folder: string, file: string): string | undefined => {
  const probe = join(folder, 'room')
  try {
    const handle = openSync(probe, 'w')
    try {
      const bytes = Buffer.alloc(2 ** 20)
      const written = writeSync(handle, bytes, 0, bytes.length, statSync(join(folder, file)).size)
      return written < bytes.length ? `only ${written} more bytes fit` : undefined
    } finally {
      closeSync(handle)
      rmSync(probe)
    }
  } catch (thrown) {
    return fullText.exec(messageOf(thrown))?.[0]
  }
}
