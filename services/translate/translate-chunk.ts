import { KalamError } from '../../dataflow/error.ts'
import type { Attempt, Chunk, Translation } from '../../schemas/records.ts'
import { peel } from './peel.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from './translator.ts'
import { refusal } from './validate.ts'

/** What the chunks of one translator line have in common. */
export interface ChunkTranslator {
  translator: Translator
  sample: number
  /** Tries of one segment before it counts as failed. */
  attempts: number
  /** BCP 47 codes for the conversations of a source, by its name. */
  languages(source: string): { source: string; target: string }
}

/**
 * The terminal record of one chunk: kept, translated, or failed with a reason. Rejects only with what stops the line
 * (a refused key, an aborted signal). Answers of local translators come at once, without a promise.
 */
export const translateChunk = (
  chunk: Chunk,
  id: string,
  line: ChunkTranslator,
  signal: AbortSignal,
): Translation | Promise<Translation> => {
  const { translator } = line
  const to = terminal(chunk, translator.backend)
  if (chunk.kind === 'keep') return to('kept', null, null, [])
  if (chunk.kind === 'filtered') return to('skipped', 'filtered', null, [])
  const { before, segment, after } = peel(chunk.text)
  const languages = line.languages(id.slice(0, id.indexOf('/')))
  const request = (attempt: number): TranslateRequest => ({
    text: segment,
    sourceLanguage: languages.source,
    targetLanguage: languages.target,
    id,
    messageIndex: chunk.message_index,
    sample: line.sample,
    attempt,
  })
  const finish = (answer: TranslateAnswer, attempts: Attempt[]): Translation =>
    to('translated', null, before + peel(answer.text).segment + after, attempts)
  if (translator.translateNow) {
    try {
      const answer = translator.translateNow(request(0))
      const reason = refusal(segment, answer.text, answer.usage.finish_reason)
      return reason ? to('failed', reason, null, []) : finish(answer, [])
    } catch (thrown) {
      if (thrown instanceof KalamError && thrown.code === 'no_translation') return to('failed', thrown.code, null, [])
      throw thrown
    }
  }
  return callUntilGood(line, request, segment, signal).then(({ answer, reason, attempts }) =>
    answer ? finish(answer, attempts) : to('failed', reason, null, attempts),
  )
}

interface Outcome {
  answer?: TranslateAnswer
  reason: string
  attempts: Attempt[]
}

const callUntilGood = async (
  line: ChunkTranslator,
  request: (attempt: number) => TranslateRequest,
  segment: string,
  signal: AbortSignal,
): Promise<Outcome> => {
  const attempts: Attempt[] = []
  let reason = ''
  for (let attempt = 0; attempt < line.attempts; attempt++) {
    let answer: TranslateAnswer
    try {
      answer = await line.translator.translate(request(attempt), { signal })
    } catch (thrown) {
      if (!(thrown instanceof KalamError) || !recordable.has(thrown.code)) throw thrown
      return { reason: thrown.code, attempts }
    }
    reason = refusal(segment, answer.text, answer.usage.finish_reason) ?? ''
    attempts.push({ ...answer.usage, outcome: reason || 'ok', from_memory: answer.fromMemory ?? false })
    if (reason === '') return { answer, reason, attempts }
  }
  return { reason, attempts }
}

/** Errors that end one chunk, not its line. */
const recordable = new Set(['no_translation', 'server_error', 'timeout'])

const terminal =
  (chunk: Chunk, backend: string) =>
  (status: string, reason: string | null, target: string | null, attempts: Attempt[]): Translation => ({
    message_index: chunk.message_index,
    message_count: chunk.message_count,
    part_index: chunk.part_index,
    part_type: chunk.part_type,
    chunk_index: chunk.chunk_index,
    chunk_count: chunk.chunk_count,
    start: chunk.start,
    length: chunk.text.length,
    status,
    reason,
    target_text: target,
    backend,
    attempts,
  })
