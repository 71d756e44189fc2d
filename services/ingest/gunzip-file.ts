import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

const pieceBytes = 64 * 1024

/**
 * The uncompressed bytes of a .gz file. Where it is damaged or cut off, all that can be read before comes first, then it
 * throws an error that isGzipDamage knows.
 */
export async function* gunzipFile(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const compressed = () => createReadStream(path, { highWaterMark: pieceBytes, signal })
  let given = 0
  const read = { pieces: 0 }
  try {
    for await (const piece of inflated(compressed(), read)) {
      given += piece.length
      yield piece
    }
  } catch (thrown) {
    if (!isGzipDamage(thrown) || isCutOff(thrown)) throw thrown
    // Of the piece with the damage zlib has given nothing: it is read again, that piece byte by byte.
    yield* skipBytes(inflated(bytewise(compressed(), read.pieces)), given)
  }
}

/** Bytes of a .gz file's text as its last four say (RFC 1952, modulo 4 GiB, of its last member), and never less than it takes itself. */
export const gzipExtent = async (path: string, size: number): Promise<number> => {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4))
    return bytesRead === 4 ? Math.max(size, buffer.readUInt32LE(0)) : size
  } finally {
    await file.close()
  }
}

/** The pieces of a stream without its first bytes. */
async function* skipBytes(pieces: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Buffer> {
  let left = skip
  for await (const piece of pieces) {
    if (left < piece.length) yield piece.subarray(left)
    left = Math.max(0, left - piece.length)
  }
}

/** Whether an error says that compressed data is damaged or cut off, and not that the file cannot be read. */
export const isGzipDamage = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_')

/** Whether an error says that compressed data ends too early, as in a file that is still being written. */
export const isCutOff = (thrown: unknown): boolean =>
  isGzipDamage(thrown) && 'code' in thrown && thrown.code === 'Z_BUF_ERROR'

/** Counts in `read` the pieces that were uncompressed whole. */
async function* inflated(compressed: AsyncIterable<Buffer>, read = { pieces: 0 }): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  let ready: Buffer[] = []
  let failure: Error | undefined
  gunzip.on('data', (piece: Buffer) => ready.push(piece))
  gunzip.on('error', (error) => {
    failure = error
  })
  const closed = new Promise<void>((resolve) => gunzip.once('close', resolve))
  try {
    // Written piece by piece: a stream that is piped and read drops what it holds when it fails.
    for await (const piece of compressed) {
      // Of a write that fails zlib calls back nobody.
      await Promise.race([new Promise<void>((resolve) => gunzip.write(piece, () => resolve())), closed])
      yield* ready
      ready = []
      if (failure) throw failure
      read.pieces++
    }
    if (read.pieces === 0) throw Object.assign(new Error('the file is empty'), { code: 'Z_BUF_ERROR' })
    gunzip.end()
    await closed
    yield* ready
    if (failure) throw failure
  } finally {
    gunzip.destroy()
  }
}

/** The same pieces, those behind the first `whole` ones as single bytes. */
async function* bytewise(pieces: AsyncIterable<Buffer>, whole: number): AsyncGenerator<Buffer> {
  let before = 0
  for await (const piece of pieces) {
    if (before++ < whole) yield piece
    else for (let at = 0; at < piece.length; at++) yield piece.subarray(at, at + 1)
  }
}
