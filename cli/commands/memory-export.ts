import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatCount } from '../../core/report/format.ts'
import { answerLine } from '../../services/translate/answer-lines.ts'
import type { Memory } from '../../services/translate/memory.ts'
import type { Io } from '../io.ts'
import { type OpenedTranslation, sharedOf } from '../open-translation.ts'

/** `kalam memory export [file]`: every answer as a line of JSON. A file is there as a whole or not at all. */
export const memoryExport = async (
  opened: OpenedTranslation,
  { file, shared }: { file: string | undefined; shared: boolean },
  io: Io,
): Promise<number> => {
  const memory = shared ? sharedOf(opened) : opened.local
  let count = 0
  const lines = async function* (): AsyncGenerator<string> {
    for await (const batch of answersOf(memory)) {
      count += batch.length
      yield batch.map((line) => `${line}\n`).join('')
    }
  }
  if (file === undefined) {
    for await (const text of lines()) {
      io.out(text)
      await io.flushed?.()
    }
  } else {
    const path = resolve(io.cwd, file)
    const part = `${path}.part`
    try {
      await pipeline(Readable.from(lines()), createWriteStream(part))
      await rename(part, path)
    } finally {
      await rm(part, { force: true })
    }
  }
  io.err(`${formatCount(count, 'answer')} exported\n`)
  return 0
}

async function* answersOf(memory: Pick<Memory, 'entries'>): AsyncGenerator<string[]> {
  for await (const batch of memory.entries()) yield batch.map(answerLine)
}
