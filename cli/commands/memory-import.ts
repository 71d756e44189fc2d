import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { formatCount, formatNumber } from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import { type Line, lineSplitter } from '../../services/ingest/line-splitter.ts'
import { parseAnswerLine } from '../../services/translate/answer-lines.ts'
import type { KnownAnswer, Memory } from '../../services/translate/memory.ts'
import type { Io } from '../io.ts'
import type { OpenedTranslation } from '../open-translation.ts'

const batchAnswers = 1000
const longestLine = 64 * 2 ** 20

/**
 * `kalam memory import <file | ->`: puts exported answers; of a key the first answer stays. Bad lines are told and passed over.
 * Nothing is booked: whoever asked for the answers paid for them. Returns 1 when a line was bad.
 */
export const memoryImport = async ({ memory }: OpenedTranslation, file: string, io: Io): Promise<number> => {
  const name = file === '-' ? 'stdin' : file
  const counts = { added: 0, known: 0, bad: 0 }
  let batch: KnownAnswer[] = []
  const put = async () => {
    const added = await putBatch(memory, batch)
    counts.added += added
    counts.known += batch.length - added
    batch = []
  }
  for await (const { bytes, length, line } of linesOf(file === '-' ? undefined : resolve(io.cwd, file), name)) {
    if (length === 0) continue
    const parsed = length > longestLine ? `longer than ${longestLine} bytes` : parseAnswerLine(bytes.toString('utf8'))
    if (typeof parsed === 'string') {
      counts.bad++
      io.err(`${name}:${line}: it is no exported answer: ${visibleLine(parsed)}\n`)
    } else batch.push(parsed)
    if (batch.length >= batchAnswers) await put()
  }
  if (batch.length > 0) await put()
  io.out(
    `${formatCount(counts.added, 'answer')} added, ${formatNumber(counts.known)} known before, ${formatCount(counts.bad, 'bad line')}\n` +
      'Nothing was booked: these answers were paid elsewhere.\n',
  )
  return counts.bad > 0 ? 1 : 0
}

/** How many keys had no answer before. */
const putBatch = async (memory: Memory, batch: readonly KnownAnswer[]): Promise<number> => {
  const keys = [...new Set(batch.map(({ key }) => key))]
  const known = await memory.get(keys)
  await memory.put([...batch])
  return known.filter((answer) => answer === undefined).length
}

async function* linesOf(path: string | undefined, name: string): AsyncGenerator<Line> {
  const splitter = lineSplitter({ byte: 0, line: 1 }, longestLine)
  try {
    for await (const piece of path === undefined ? process.stdin : createReadStream(path))
      yield* splitter.push(piece as Buffer)
  } catch (thrown) {
    const isAbsent = (thrown as NodeJS.ErrnoException).code === 'ENOENT'
    const fact = isAbsent ? 'there is no such file' : messageOf(thrown)
    throw new KalamError('missing_file', `importing ${name}: ${fact}`, { cause: thrown })
  }
  yield splitter.rest()
}
