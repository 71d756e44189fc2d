import { type FileHandle, open } from 'node:fs/promises'

const newline = 0x0a
const blank = new Set([0x09, 0x0d, 0x20])
const blockBytes = 64 * 1024

/** A byte of a file at which a line begins, and the line's number. */
export interface LinePlace {
  byte: number
  line: number
}

/**
 * Where reading goes on in a file of lines behind a row that ended at a byte. Where that row's line had no ending yet, the
 * ending that has come since belongs to it; where more than an ending has come, the line is read again from its beginning.
 */
export const resumeLine = async (path: string, { byte, line }: LinePlace): Promise<LinePlace> => {
  if (byte === 0) return { byte, line }
  const file = await open(path)
  try {
    const [before] = await blockAt(file, byte - 1, 1)
    if (before === newline || before === undefined) return { byte, line }
    for (let at = byte; ; at += blockBytes) {
      const block = await blockAt(file, at, blockBytes)
      const end = block.findIndex((value) => !blank.has(value))
      if (end >= 0 && block[end] !== newline) return { byte: await lineStart(file, byte), line: line - 1 }
      if (end >= 0) return { byte: at + end + 1, line }
      if (block.length < blockBytes) return { byte: at + block.length, line }
    }
  } finally {
    await file.close()
  }
}

/** The first byte of the line that a byte stands in. */
const lineStart = async (file: FileHandle, byte: number): Promise<number> => {
  for (let end = byte; end > 0; end -= blockBytes) {
    const start = Math.max(0, end - blockBytes)
    const found = (await blockAt(file, start, end - start)).lastIndexOf(newline)
    if (found >= 0) return start + found + 1
  }
  return 0
}

const blockAt = async (file: FileHandle, at: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}
