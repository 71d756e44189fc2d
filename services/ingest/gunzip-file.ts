import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const pieceBytes = 64 * 1024

/**
 * The uncompressed bytes of a .gz file. Where it is damaged or cut off, all that zlib could still read comes first, then
 * it throws an error that isGzipDamage knows.
 */
export async function* gunzipFile(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  let ready: Buffer[] = []
  let failure: Error | undefined
  let compressedBytes = 0
  gunzip.on('data', (piece: Buffer) => ready.push(piece))
  gunzip.on('error', (error) => {
    failure = error
  })
  const closed = new Promise<void>((resolve) => gunzip.once('close', resolve))
  try {
    // Written piece by piece: a stream that is piped and read drops what it holds when it fails.
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes, signal })) {
      compressedBytes += (piece as Buffer).length
      await new Promise<void>((resolve) => gunzip.write(piece, () => resolve()))
      yield* ready
      ready = []
      if (failure) throw failure
    }
    if (compressedBytes === 0) throw Object.assign(new Error('the file is empty'), { code: 'Z_BUF_ERROR' })
    gunzip.end()
    await closed
    yield* ready
    if (failure) throw failure
  } finally {
    gunzip.destroy()
  }
}

/** Whether an error says that compressed data is damaged or cut off, and not that the file cannot be read. */
export const isGzipDamage = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_')

/** Whether an error says that compressed data ends too early, as in a file that is still being written. */
export const isCutOff = (thrown: unknown): boolean =>
  isGzipDamage(thrown) && 'code' in thrown && thrown.code === 'Z_BUF_ERROR'
