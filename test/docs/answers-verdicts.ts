import type { Ranked } from '../../schemas/records.ts'
import type { Answers } from './answers.ts'
import { grouped, meanOf, quantileOf, rowsBy, sumOf } from './grouping.ts'
import type { Of, SmallRun } from './small-run.ts'

const winsOf = ({ ranked }: SmallRun): Of<Ranked>[] => ranked.filter(({ body }) => body.winner !== null)
const metricsOf = ({ body }: Of<Ranked>): Record<string, number | null> =>
  body.candidates.find(({ line }) => line === body.winner)?.metrics ?? {}
const metric = (verdicts: Of<Ranked>[], name: string): (number | null | undefined)[] =>
  verdicts.map((verdict) => metricsOf(verdict)[name])

const bands = [0, 20, 100, 500, 2000, 8000, 32000]
const bandOf = (verdict: Of<Ranked>): number => bands.findLast((from) => from <= metricsOf(verdict).tokens_source!)!

/** What the questions about verdicts, size and shape should give. */
export const answersAboutVerdicts: Answers = {
  'How do splits compare, as in the paper?': (run) =>
    rowsBy(
      winsOf(run),
      ({ line, split }) => `${line} ${split}`,
      (verdicts, { line, split }) => ({
        ranking: line,
        split,
        num_examples: verdicts.length,
        mean_lr: meanOf(metric(verdicts, 'lr_all')),
        mean_scr: meanOf(metric(verdicts, 'scr_all')),
        mean_turns: meanOf(metric(verdicts, 'turns')),
        mean_total_tokens: meanOf(metric(verdicts, 'tokens_content')),
      }),
    ),
  'How often does each translator win, by split?': (run) =>
    rowsBy(
      winsOf(run),
      ({ line, split, body }) => `${line} ${split} ${body.winner}`,
      (verdicts, { line, split, body }) => {
        const all = winsOf(run).filter((verdict) => verdict.line === line && verdict.split === split)
        return {
          ranking: line,
          split,
          winner: body.winner,
          wins: verdicts.length,
          share: verdicts.length / all.length,
        }
      },
    ),
  'Does length decide who wins?': (run) =>
    rowsBy(
      winsOf(run).filter((verdict) => metricsOf(verdict).tokens_source != null),
      (verdict) => `${verdict.line} ${String(bandOf(verdict)).padStart(6, '0')} ${verdict.body.winner}`,
      (verdicts, first) => {
        const all = winsOf(run).filter((verdict) => verdict.line === first.line && bandOf(verdict) === bandOf(first))
        return {
          ranking: first.line,
          from_tokens: bandOf(first),
          winner: first.body.winner,
          wins: verdicts.length,
          share: verdicts.length / all.length,
        }
      },
    ),
  'What are conversations dropped for?': (run) =>
    rowsBy(
      run.ranked.filter(({ body }) => !body.keep),
      ({ line, body }) => `${line} ${body.reasons[0]}`,
      (verdicts, { line, body }) => ({
        ranking: line,
        first_reason: body.reasons[0],
        conversations: verdicts.length,
        with_more_reasons: verdicts.filter((verdict) => verdict.body.reasons.length > 1).length,
      }),
    ),
  'What if the lr threshold were 0.6?': (run) =>
    rowsBy(
      run.ranked,
      ({ line }) => line,
      (verdicts, { line }) => {
        const kept = verdicts.filter(({ body }) => body.keep)
        const then = kept.filter((verdict) => (metricsOf(verdict).lr ?? 1) >= 0.6)
        return { ranking: line, kept: kept.length, kept_at_0_6: then.length, lost: kept.length - then.length }
      },
    ),
  'Which verdicts were the closest?': (run) =>
    run.ranked
      .filter(({ body }) => body.margin !== null)
      .sort((a, b) => Math.abs(a.body.margin!) - Math.abs(b.body.margin!) || (a.line + a.id < b.line + b.id ? -1 : 1))
      .slice(0, 20)
      .map(({ id, line, body: { winner, margin, why } }) => ({ ranking: line, id, winner, margin, why })),
  'Where do two rankings disagree?': (run) =>
    run.ranked
      .flatMap((a) =>
        run.ranked
          .filter((b) => b.id === a.id && a.line < b.line)
          .filter((b) => a.body.winner !== b.body.winner || a.body.keep !== b.body.keep)
          .map((b) => ({
            id: a.id,
            one: a.line,
            one_winner: a.body.winner ?? '',
            one_keeps: a.body.keep,
            other: b.line,
            other_winner: b.body.winner ?? '',
            other_keeps: b.body.keep,
          })),
      )
      .sort((a, b) => (`${a.id} ${a.one} ${a.other}` < `${b.id} ${b.one} ${b.other}` ? -1 : 1)),
  'How long are the conversations that are kept?': (run) =>
    rowsBy(
      run.ranked.filter(({ body }) => body.keep),
      ({ line }) => line,
      (verdicts, { line }) => {
        const tokens = metric(verdicts, 'tokens_content').map((value) => value!)
        return {
          ranking: line,
          conversations: verdicts.length,
          tokens: sumOf(tokens),
          p50: quantileOf(tokens, 0.5),
          p95: quantileOf(tokens, 0.95),
          longest: Math.max(...tokens),
        }
      },
    ),
  'How many turns do conversations have?': (run) => {
    const turns = [...grouped(run.messages, ({ id }) => id).values()].map((messages) => messages.length)
    return rowsBy(
      turns,
      (count) => String(count).padStart(4, '0'),
      (counts, count) => ({ turns: count, conversations: counts.length, share: counts.length / turns.length }),
    )
  },
  'How fast do conversations come in?': (run) =>
    rowsBy(
      run.messages,
      ({ timestamp }) => new Date(timestamp).toISOString().slice(0, 16),
      (messages, { timestamp }) => ({
        minute: `${new Date(timestamp).toISOString().slice(0, 16).replace('T', ' ')}:00`,
        conversations: messages.filter(({ index }) => index === 0).length,
        messages: messages.length,
      }),
    ),
}
