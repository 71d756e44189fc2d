import type { ConversationScore, Scored } from '../../schemas/records.ts'
import type { Answers } from './answers.ts'
import { different, meanOf, rowsBy } from './grouping.ts'
import type { Of, SmallRun } from './small-run.ts'

type Candidate = ConversationScore & { id: string; line: string; split: string; row: string }

/** A candidate is what the last scored message of a conversation says of all of it. */
export const candidatesOf = ({ scored }: SmallRun): Candidate[] =>
  scored.flatMap(({ id, line, split, body }) =>
    body.conversation ? [{ ...body.conversation, id, line, split, row: id.split('/')[2]! }] : [],
  )

const byId = (a: { line: string; id: string }, b: { line: string; id: string }): number =>
  a.line < b.line || (a.line === b.line && a.id < b.id) ? -1 : 1

const sourceOf = ({ messages }: SmallRun, { id, index }: Of<Scored>): string =>
  messages.find((message) => message.id === id && message.index === index)!.body.content

const partValues = (candidate: Candidate, part: string, metric: string): (number | null)[] =>
  candidate.parts.filter(({ part_type }) => part_type === part).map(({ metrics }) => metrics[metric] ?? null)

/** What the questions about holes and the quality of candidates should give. */
export const answersAboutQuality: Answers = {
  'Which conversations have holes?': (run) =>
    candidatesOf(run)
      .filter(({ in_line, complete }) => in_line && !complete)
      .sort(byId)
      .map(({ line, id, failed, skipped, translated, reasons }) => ({
        line,
        id,
        failed,
        skipped,
        translated,
        reasons,
      })),
  'Which conversations did one translator lose and another save?': (run) =>
    candidatesOf(run)
      .filter(({ in_line, complete }) => in_line && !complete)
      .flatMap((lost) =>
        candidatesOf(run)
          .filter(({ id, in_line, complete, pseudo }) => id === lost.id && in_line && complete && !pseudo)
          .map((saved) => ({ lost_by: lost.line, saved_by: saved.line, id: lost.id })),
      )
      .sort((a, b) => (`${a.lost_by} ${a.saved_by} ${a.id}` < `${b.lost_by} ${b.saved_by} ${b.id}` ? -1 : 1)),
  'Is reasoning translated as fully as text?': (run) =>
    rowsBy(
      candidatesOf(run),
      ({ line }) => line,
      (candidates, { line }) => {
        const think = candidates.flatMap((candidate) => partValues(candidate, 'think', 'lr'))
        return {
          line,
          think: meanOf(think),
          text: meanOf(candidates.flatMap((candidate) => partValues(candidate, 'text', 'lr'))),
          conversations_with_think: think.filter((value) => value !== null).length,
        }
      },
    ),
  'Which kinds of text stay least Arabic?': (run) =>
    rowsBy(
      candidatesOf(run).flatMap(({ line, parts }) =>
        parts.map(({ part_type, metrics }) => ({ line, part_type, scr: metrics.scr ?? null })),
      ),
      ({ line, part_type }) => `${line} ${part_type}`,
      (values, { line, part_type }) => ({
        line,
        part_type,
        scr: meanOf(values.map(({ scr }) => scr)),
        conversations: values.length,
        not_applicable: values.filter(({ scr }) => scr === null).length,
      }),
    ).sort((a, b) => (a.scr ?? 2) - (b.scr ?? 2)),
  'Which messages are still in another script?': (run) =>
    run.scored
      .filter(({ body }) => (body.metrics.scr ?? 1) < 0.5)
      .sort((a, b) => a.body.metrics.scr! - b.body.metrics.scr!)
      .map(({ id, line, index, body }) => ({
        line,
        id,
        message_index: index,
        scr: body.metrics.scr,
        begins: [...body.target].slice(0, 80).join(''),
      })),
  'Which messages are copies of their source?': (run) =>
    run.scored
      .filter((scored) => scored.body.target === sourceOf(run, scored))
      .filter(({ id, line, index }) =>
        run.translations.some(
          (chunk) =>
            chunk.line === line &&
            chunk.id === id &&
            chunk.body.message_index === index &&
            chunk.body.status === 'translated',
        ),
      )
      .sort(byId)
      .map(({ id, line, index, body }) => ({ line, id, message_index: index, characters: [...body.target].length })),
  'Do different messages have the same translation?': (run) =>
    rowsBy(
      run.scored.filter((scored) => scored.body.target !== sourceOf(run, scored)),
      ({ line, body }) => `${line} ${body.target}`,
      (messages, { line, body }) => ({
        line,
        target: body.target,
        sources: different(messages.map((message) => sourceOf(run, message))),
        messages: messages.length,
      }),
    )
      .filter(({ sources }) => sources > 1)
      .sort((a, b) => b.sources - a.sources),
  'Do different chunks have the same translation?': (run) =>
    rowsBy(
      run.translations.filter(({ body }) => body.status === 'translated'),
      ({ line, body }) => `${line} ${body.target_text!.trim()}`,
      (chunks, { line, body }) => ({
        line,
        source_lengths: different(chunks.map((chunk) => String(chunk.body.length))),
        chunks: chunks.length,
        characters: body.target_text!.length,
      }),
    )
      .filter(({ source_lengths }) => source_lengths > 1)
      .sort((a, b) => b.source_lengths - a.source_lengths),
  'How many findings are there per 10,000 messages?': (run) =>
    rowsBy(
      run.scored.flatMap(({ line, body }) => body.flags.map(({ code }) => ({ line, code }))),
      ({ line, code }) => `${line} ${code}`,
      (flags, { line, code }) => {
        const taken = new Set(
          candidatesOf(run)
            .filter((candidate) => candidate.line === line && candidate.in_line)
            .map(({ id }) => id),
        )
        const messages = run.messages.filter(({ id }) => taken.has(id)).length
        return { line, code, findings: flags.length, per_10000_messages: (flags.length * 10_000) / messages }
      },
    ).sort((a, b) => b.findings - a.findings),
  'Which of two translators is better where both are complete?': (run) => {
    const complete = candidatesOf(run).filter((candidate) => candidate.in_line && candidate.complete)
    const pairs = complete.flatMap((one) =>
      complete.filter((other) => other.id === one.id && one.line < other.line).map((other) => ({ one, other })),
    )
    return rowsBy(
      pairs,
      ({ one, other }) => `${one.line} ${other.line}`,
      (group, { one, other }) => ({
        one: one.line,
        other: other.line,
        conversations: group.length,
        one_lr: meanOf(group.map((pair) => pair.one.metrics.lr)),
        other_lr: meanOf(group.map((pair) => pair.other.metrics.lr)),
        one_scr: meanOf(group.map((pair) => pair.one.metrics.scr)),
        other_scr: meanOf(group.map((pair) => pair.other.metrics.scr)),
      }),
    )
  },
}
