import { type FileHandle, open } from 'node:fs/promises'

/** A text in UTF-8 and what it is sorted by; a reader's is good until the next one is asked for. */
export interface SortedText {
  key: string
  text: Buffer
}

/** What is read or written at once. */
const pieceBytes = 256 * 2 ** 10
/** Two lengths stand before a key and its text. */
const headBytes = 8

/** By key as JavaScript compares strings; texts of equal keys keep their order. */
export const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** Writes sorted texts into a file of their own. */
export const writeRun = async (
  file: string,
  texts: Iterable<SortedText> | AsyncIterable<SortedText>,
): Promise<void> => {
  const handle = await open(file, 'w')
  try {
    const piece = Buffer.allocUnsafeSlow(pieceBytes)
    let at = 0
    for await (const { key, text } of texts) {
      const keyBytes = Buffer.byteLength(key)
      const bytes = headBytes + keyBytes + text.length
      if (at + bytes > piece.length) {
        await handle.writeFile(piece.subarray(0, at))
        at = 0
      }
      const target = bytes > piece.length ? Buffer.allocUnsafeSlow(bytes) : piece
      target.writeUInt32LE(keyBytes, at)
      target.writeUInt32LE(text.length, at + 4)
      target.write(key, at + headBytes)
      target.set(text, at + headBytes + keyBytes)
      if (target === piece) at += bytes
      else await handle.writeFile(target)
    }
    await handle.writeFile(piece.subarray(0, at))
  } finally {
    await handle.close()
  }
}

/** The texts of several files in the order of their keys; equal keys come in the order of the files. */
export async function* mergedRuns(files: readonly string[]): AsyncGenerator<SortedText, void> {
  const runs = files.map(readRun)
  try {
    const next = async (i: number) => (await runs[i]!.next()).value ?? undefined
    const heads = await Promise.all(runs.map((_, i) => next(i)))
    for (;;) {
      let lowest = -1
      heads.forEach((head, i) => {
        if (head && (lowest < 0 || byKey(head, heads[lowest]!) < 0)) lowest = i
      })
      if (lowest < 0) return
      yield heads[lowest]!
      heads[lowest] = await next(lowest)
    }
  } finally {
    for (const run of runs) await run.return()
  }
}

async function* readRun(file: string): AsyncGenerator<SortedText, void> {
  const handle = await open(file)
  try {
    const need = pieceReader(handle)
    for (;;) {
      const head = await need(headBytes)
      if (!head) return
      const keyBytes = head.readUInt32LE(0)
      const textBytes = head.readUInt32LE(4)
      const body = await need(keyBytes + textBytes)
      if (!body) throw new Error(`reading ${file}: it ends within a text`)
      yield { key: body.toString('utf8', 0, keyBytes), text: body.subarray(keyBytes) }
    }
  } finally {
    await handle.close()
  }
}

/** Gives so many bytes on from the last ones, as a view that is good until the next call; undefined at the file's end. */
const pieceReader = (handle: FileHandle): ((bytes: number) => Promise<Buffer | undefined>) => {
  const usual = Buffer.allocUnsafeSlow(pieceBytes)
  let piece = usual
  let from = 0
  let to = 0
  return async (bytes) => {
    if (to - from < bytes) {
      const target = bytes > pieceBytes ? Buffer.allocUnsafeSlow(bytes) : usual
      to = piece.copy(target, 0, from, to)
      from = 0
      piece = target
      while (to < bytes) {
        const { bytesRead } = await handle.read(piece, to, piece.length - to)
        if (bytesRead === 0) return undefined
        to += bytesRead
      }
    }
    from += bytes
    return piece.subarray(from - bytes, from)
  }
}
