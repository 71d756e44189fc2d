import { KalamError } from '../../dataflow/error.ts'
import { textsWanted } from '../../dataflow/operators/compute-turns.ts'
import type { Attempt, Chunk, Translation } from '../../schemas/records.ts'
import type { Slots } from './calls/slots.ts'
import { peel } from './peel.ts'
import { type Ask, type SegmentOutcome, type SegmentRules, translateSegment } from './translate-segment.ts'
import type { CallOptions, TranslateRequest, Translator } from './translator.ts'
import { refusal } from './validate.ts'

/** What the chunks of one translator line have in common. */
export interface ChunkTranslator {
  translator: Translator
  sample: number
  /** How texts are protected and answers judged; local translators answer at once and are taken as they are. */
  rules: SegmentRules
  /** Lets so many chunks at once be on their way to a place at the endpoint; those behind them wait untouched. */
  starts?: Slots | undefined
  /** Chunks that are asked anew, the earlier rules first. */
  retries?: ChosenRetry[]
  /** BCP 47 codes for the conversations of a source, by its name. */
  languages(source: string): { source: string; target: string }
}

/** A rule of a retry, ready to be used. */
export interface ChosenRetry {
  chooses(id: string, messageIndex: number, reason: string): boolean
  attempts: number
  /** Asks with other settings; without it as before. */
  translator?: Translator | undefined
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
  const { translator, starts } = line
  if (chunk.kind === 'keep') return terminal(chunk, translator.backend)('kept', null, null, [])
  if (chunk.kind === 'filtered') return terminal(chunk, translator.backend)('skipped', 'filtered', null, [])
  if (translator.translateNow) return answeredNow(chunk, id, line, translator.translateNow)
  if (!starts) return asked(chunk, id, line, { signal })
  return inTurn(starts, signal, (onPlace) => asked(chunk, id, line, { signal, onPlace }))
}

const answeredNow = (
  chunk: Chunk,
  id: string,
  line: ChunkTranslator,
  translateNow: NonNullable<Translator['translateNow']>,
): Translation => {
  const to = terminal(chunk, line.translator.backend)
  const { before, segment, after } = peel(chunk.text)
  try {
    const answer = translateNow(requestsOf(segment, chunk, id, line)(0))
    const reason = refusal(segment, answer.text, answer.usage.finish_reason)
    if (reason) return to('failed', reason, null, [])
    return to('translated', null, before + peel(answer.text).segment + after, [])
  } catch (thrown) {
    if (thrown instanceof KalamError && thrown.code === 'no_translation') return to('failed', thrown.code, null, [])
    throw thrown
  }
}

const asked = async (chunk: Chunk, id: string, line: ChunkTranslator, call: CallOptions): Promise<Translation> => {
  const { translator, rules } = line
  const to = terminal(chunk, translator.backend)
  const { before, segment, after } = peel(chunk.text)
  const request = requestsOf(segment, chunk, id, line)
  const first = await translateSegment(segment, rules, (text, attempt) =>
    translator.translate({ ...request(attempt), text }, call),
  )
  const about = { segment, id, messageIndex: chunk.message_index, request, signal: call.signal }
  const { text, reason, flags, attempts } = line.retries ? await retried(first, line, about) : first
  if (text === undefined) return to('failed', reason, null, attempts)
  const target = peel(text).segment
  return target === segment && attempts.length === 0
    ? to('kept', null, null, [])
    : to('translated', null, before + target + after, attempts, flags)
}

const requestsOf = (segment: string, chunk: Chunk, id: string, line: ChunkTranslator) => {
  const languages = line.languages(id.slice(0, id.indexOf('/')))
  return (attempt: number): TranslateRequest => ({
    text: segment,
    sourceLanguage: languages.source,
    targetLanguage: languages.target,
    id,
    messageIndex: chunk.message_index,
    sample: line.sample,
    attempt,
  })
}

/** Starts work when there is a place on the way, and gives that back when it has one at the endpoint, or is done without. */
const inTurn = <Result>(
  starts: Slots,
  signal: AbortSignal,
  work: (onPlace: () => void) => Promise<Result>,
): Promise<Result> => {
  const begin = (): Promise<Result> => {
    let isHeld = true
    const release = () => {
      if (isHeld && !starts.release()) textsWanted()
      isHeld = false
    }
    return work(release).finally(release)
  }
  const turn = starts.take(signal)
  return turn ? turn.then(begin) : begin()
}

/** What becomes of a text when it is asked anew by the rules that choose it; one that fails again keeps what it had. */
const retried = async (
  first: SegmentOutcome,
  { rules, retries = [], translator }: ChunkTranslator,
  about: {
    segment: string
    id: string
    messageIndex: number
    request(attempt: number): TranslateRequest
    signal: AbortSignal
  },
): Promise<SegmentOutcome> => {
  let outcome = first
  let from = rules.attempts
  for (const retry of retries) {
    const attempts = from + retry.attempts
    if (retry.chooses(about.id, about.messageIndex, outcome.reason)) {
      const asked = retry.translator ?? translator
      const ask: Ask = (text, attempt) => asked.translate({ ...about.request(attempt), text }, { signal: about.signal })
      const again = await translateSegment(about.segment, { ...rules, from, attempts }, ask)
      const better = again.text === undefined && outcome.text !== undefined ? outcome : again
      outcome = { ...better, attempts: [...outcome.attempts, ...again.attempts] }
    }
    from = attempts
  }
  return outcome
}

const terminal =
  (chunk: Chunk, backend: string) =>
  (
    status: string,
    reason: string | null,
    target: string | null,
    attempts: Attempt[],
    flags: string[] = [],
  ): Translation => ({
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
    flags,
  })
