import type { Attempt } from '../../schemas/records.ts'
import type { Answers } from './answers.ts'
import { different, meanOf, quantileOf, rowsBy, sumOf } from './grouping.ts'
import type { SmallRun } from './small-run.ts'

interface Call extends Attempt {
  line: string
  split: string
  id: string
  part: string
  place: { message_index: number; chunk_index: number; attempt: number }
}

const callsOf = ({ translations }: SmallRun): Call[] =>
  translations.flatMap(({ id, line, split, body }) =>
    body.attempts.map((answer, attempt) => ({
      ...answer,
      line,
      split,
      id,
      part: body.part_type,
      place: { message_index: body.message_index, chunk_index: body.chunk_index, attempt },
    })),
  )
const paidOf = (run: SmallRun): Call[] => callsOf(run).filter(({ from_memory }) => !from_memory)
const tokensOf = (calls: Call[]): number | null => sumOf(calls.map((call) => call.completion_tokens))
const usdOf = (calls: Call[]): number | null => sumOf(calls.map((call) => call.cost_usd))

/** What the questions about money, time, answers and losses should give. */
export const answersAboutCalls: Answers = {
  'What did every split cost?': (run) =>
    rowsBy(
      paidOf(run),
      ({ split, line }) => `${split} ${line}`,
      (calls, { split, line }) => ({
        split,
        line,
        calls: calls.length,
        prompt_tokens: sumOf(calls.map((call) => call.prompt_tokens)),
        completion_tokens: tokensOf(calls),
        usd: usdOf(calls),
        unpriced: calls.filter(({ cost_usd }) => cost_usd === null).length,
      }),
    ),
  'What does a kept conversation cost?': (run) =>
    rowsBy(
      run.ranked,
      ({ line }) => line,
      (verdicts, { line, body }) => {
        const lines = body.candidates.map((candidate) => candidate.line)
        const usd = usdOf(paidOf(run).filter((call) => lines.includes(call.line)))
        const kept = verdicts.filter((verdict) => verdict.body.keep).length
        return { ranking: line, kept_conversations: kept, usd_spent: usd, usd_per_kept: usd! / kept }
      },
    ),
  'Which kinds of text are calls spent on?': (run) =>
    rowsBy(
      paidOf(run),
      ({ line, part }) => `${line} ${part}`,
      (calls, { line, part }) => ({
        line,
        part_type: part,
        calls: calls.length,
        completion_tokens: tokensOf(calls),
        usd: usdOf(calls),
      }),
    ).sort((a, b) => b.usd! - a.usd!),
  'How many tokens a second does each line make?': (run) =>
    rowsBy(
      paidOf(run),
      ({ line }) => line,
      (calls, { line }) => {
        const last = Math.max(...calls.map((call) => Math.floor(call.at_ms)))
        const first = Math.min(...calls.map((call) => Math.floor(call.at_ms) - call.latency_ms))
        const seconds = (last - first) / 1000
        return { line, tokens: tokensOf(calls), seconds, tokens_per_second: tokensOf(calls)! / seconds }
      },
    ),
  'How long do calls take, by model?': (run) =>
    rowsBy(
      paidOf(run),
      ({ model }) => model,
      (calls, { model }) => {
        const latencies = calls.map((call) => call.latency_ms)
        return {
          model,
          calls: calls.length,
          p50: quantileOf(latencies, 0.5),
          p95: quantileOf(latencies, 0.95),
          p99: quantileOf(latencies, 0.99),
          slowest: Math.max(...latencies),
        }
      },
    ),
  'Which calls were the slowest?': (run) =>
    paidOf(run)
      .sort((a, b) => b.latency_ms - a.latency_ms)
      .slice(0, 10)
      .map(({ latency_ms, line, model, id, place, prompt_tokens, completion_tokens, outcome }) => ({
        latency_ms,
        line,
        model,
        id,
        ...place,
        prompt_tokens,
        completion_tokens,
        outcome,
      })),
  'How much was answered from memory?': (run) =>
    rowsBy(
      callsOf(run),
      ({ line }) => line,
      (calls, { line }) => {
        const remembered = calls.filter((call) => call.from_memory).length
        return { line, answers: calls.length, from_memory_answers: remembered, share: remembered / calls.length }
      },
    ),
  'How often were answers refused, and why?': (run) =>
    rowsBy(
      callsOf(run),
      ({ line, outcome }) => `${line} ${outcome === 'ok' ? 0 : 1} ${outcome}`,
      (calls, { line, outcome }) => ({
        line,
        outcome,
        answers: calls.length,
        conversations: different(calls.map(({ id }) => id)),
      }),
    ),
  'How many answers did a chunk take?': (run) =>
    rowsBy(
      run.translations.filter(({ body }) => body.status === 'translated' || body.status === 'failed'),
      ({ line, body }) => `${line} ${body.attempts.length}`,
      (chunks, { line, body }) => ({ line, attempts: body.attempts.length, chunks: chunks.length }),
    ),
  'Which chunks failed, by line and reason?': (run) =>
    rowsBy(
      run.translations.filter(({ body }) => body.status === 'failed'),
      ({ line, body }) => `${line} ${body.reason}`,
      (chunks, { line, body }) => ({
        line,
        reason: body.reason,
        chunks: chunks.length,
        conversations: different(chunks.map(({ id }) => id)),
      }),
    ).sort((a, b) => b.chunks - a.chunks),
  'How much of each split does each translator take?': (run) =>
    rowsBy(
      run.scored.filter(({ body }) => body.conversation),
      ({ line, split }) => `${line} ${split}`,
      (candidates, { line, split }) => {
        const taken = candidates.filter(({ body }) => body.conversation!.in_line).length
        return {
          line,
          split,
          conversations_in_line: taken,
          conversations: candidates.length,
          share: meanOf(candidates.map(({ body }) => Number(body.conversation!.in_line))),
        }
      },
    ),
  'Which rows of the sources are bad?': (run) =>
    rowsBy(
      run.deadLetters,
      ({ body }) => `${body.file} ${body.reason}`,
      (letters, { body }) => ({
        source: 'chat',
        file: body.file,
        reason: body.reason,
        rows: letters.length,
        first_line: Math.min(...letters.map((letter) => letter.body.line)),
        example: body.detail,
      }),
    ),
  'How far were the files read?': (run) =>
    run.checkpoints
      .toSorted((a, b) => (a.file < b.file ? -1 : 1))
      .map(({ source, file, file_rows, selected, dropped, bad, done }) => ({
        source,
        file,
        rows: file_rows,
        selected,
        dropped,
        bad,
        bad_share: bad / file_rows,
        done,
      })),
}
