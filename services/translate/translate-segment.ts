import type { Finding, Pair } from '../../core/detectors/detector.ts'
import type { ReasonPolicy } from '../../core/detectors/policies.ts'
import { kindOf, type TextKind } from '../../core/detectors/text-kind.ts'
import { frameRanges, repairStructure, sameStructure } from '../../core/masking/line-frame.ts'
import { mask } from '../../core/masking/mask.ts'
import { peel } from '../../core/masking/peel.ts'
import { type Piece, pieces } from '../../core/masking/pieces.ts'
import { sentinelForms } from '../../core/masking/sentinel-forms.ts'
import type { Range, Span } from '../../core/masking/span.ts'
import { textLines } from '../../core/masking/text-lines.ts'
import { unmask } from '../../core/masking/unmask.ts'
import { wordPieces } from '../../core/masking/word-pieces.ts'
import { type ErrorCode, KalamError } from '../../dataflow/error.ts'
import { computeTurn } from '../../dataflow/operators/compute-turns.ts'
import type { Attempt } from '../../schemas/records.ts'
import { halves, keepSpans } from './halves.ts'
import type { TranslateAnswer } from './translator.ts'

/** How a translator line protects texts and judges answers. All of it is pure, so that a replay takes the same path. */
export interface SegmentRules {
  /** The spans of a text that have to survive. */
  findSpans(text: string): Span[]
  /** Whether a text that is asked for fits into the prompt's limit. */
  fits(text: string): boolean
  /** What speaks against an answer before its spans are back: then nothing else has to be looked at. */
  hopeless(pair: Pair): Finding | undefined
  findings(pair: Pair): Finding[]
  policyOf(reason: string, kind: TextKind): ReasonPolicy | undefined
  /** Number of the first try; what came before was refused. */
  from?: number
  /** Number behind the last try of one text before it counts as failed. */
  attempts: number
  /** The instructions of the prompt, for answers that repeat them. */
  promptText: string
}

/** What became of a text: its translation, or why there is none. */
export interface SegmentOutcome {
  text?: string
  /** Why it failed, in snake_case; '' when it did not. */
  reason: string
  /** Reasons that speak against an accepted answer. */
  flags: string[]
  attempts: Attempt[]
}

/** Asks for a text; `attempt` is zero-based. Rejects only with what is to be recorded, or what stops the line. */
export type Ask = (text: string, attempt: number) => Promise<TranslateAnswer>

/** Splits of splits: then a text is as small as it gets. */
const deepest = 4

/** An answer after its checks: accepted, or what is to be done instead. */
interface Judged {
  outcome: string
  text?: string
  flags: string[]
  next?: 'retry' | 'next_form' | 'split' | 'fail'
  last?: 'flag' | 'fail'
}

/**
 * Translates one text: spans are masked, the answer is checked, restored and checked again. A refused answer is followed by what the
 * policy of its reason says: another attempt, smaller pieces, an accepted answer with a flag, or a failure. Broken sentinels are
 * followed by their other form, and then by the pieces between the spans alone.
 */
export const translateSegment = async (
  text: string,
  rules: SegmentRules,
  ask: Ask,
  depth = 0,
): Promise<SegmentOutcome> => {
  const spans = rules.findSpans(text)
  if (spans.length > 0 && !pieces(text, spans).some(({ isKept }) => !isKept)) return done(text)
  const attempts: Attempt[] = []
  const kind = kindOf(text)
  let form = 0
  let best: Judged | undefined
  let reason = ''
  /** What would be accepted in the end is taken when what follows it fails. */
  const orBest = (outcome: SegmentOutcome): SegmentOutcome =>
    outcome.text === undefined && best ? done(best.text!, best.flags, outcome.attempts) : outcome
  for (let attempt = rules.from ?? 0; attempt < rules.attempts; attempt++) {
    const masked = mask(text, spans, form)
    if (spans.length > 0 && masked.text.length > text.length && !rules.fits(masked.text))
      return orBest(await inParts(text, 'too_long', { spans, rules, ask, depth, attempts }))
    const asked = await asking(ask, masked.text, attempt)
    if (typeof asked === 'string') {
      if (asked === 'too_long') return orBest(await inParts(text, asked, { spans, rules, ask, depth, attempts }))
      return orBest({ reason: asked, flags: [], attempts })
    }
    // The place at the endpoint is free again: the next call goes out before this one's answer is looked at.
    const turn = computeTurn({ feeds: true })
    if (turn) await turn
    const judged = judge(text, asked, rules, { kind, restore: (answer) => unmask(answer, masked) })
    attempts.push({
      outcome: judged.outcome || 'ok',
      from_memory: asked.fromMemory ?? false,
      step: step(depth, form),
      ...asked.usage,
    })
    if (!judged.next) return done(judged.text!, judged.flags, attempts)
    reason = judged.outcome
    if (judged.last === 'flag' && judged.text !== undefined) {
      // What would be accepted in the end is asked once more, not for every attempt.
      if (best) return done(...better(best, judged), attempts)
      best = judged
    }
    if (judged.next === 'fail') return orBest({ reason, flags: [], attempts })
    // What cannot be split is asked again.
    if (judged.next === 'split' && partsOf(text, reason, { spans, rules, depth }))
      return orBest(await inParts(text, reason, { spans, rules, ask, depth, attempts }))
    if (judged.next === 'next_form' && ++form >= sentinelForms.length)
      return orBest(await between(text, { spans, rules, ask, depth, attempts }))
  }
  return orBest({ reason, flags: [], attempts })
}

const done = (text: string, flags: string[] = [], attempts: Attempt[] = []): SegmentOutcome => ({
  text,
  reason: '',
  flags,
  attempts,
})

const better = (a: Judged, b: Judged): [string, string[]] => {
  const chosen = b.flags.length < a.flags.length ? b : a
  return [chosen.text!, chosen.flags]
}

const step = (depth: number, form: number): string =>
  [depth > 0 && 'split', form > 0 && `form_${form}`].filter((part) => part !== false).join(' ')

/** The answer, or the reason that is to be recorded instead of one. */
const asking = async (ask: Ask, text: string, attempt: number): Promise<TranslateAnswer | string> => {
  try {
    return await ask(text, attempt)
  } catch (thrown) {
    if (!(thrown instanceof KalamError)) throw thrown
    if (recordable.includes(thrown.code)) return thrown.code
    if (thrown.details.ofText === true) return isTooLong(thrown) ? 'too_long' : thrown.code
    throw thrown
  }
}

/** Errors that end one chunk, not its line: they are its reason. */
export const recordable: readonly ErrorCode[] = ['no_translation', 'server_error', 'timeout']

const isTooLong = ({ message, details }: KalamError): boolean =>
  details.status === 413 || /context|too long|too many tokens|maximum.{0,20}length/i.test(message)

const judge = (
  source: string,
  answer: TranslateAnswer,
  rules: SegmentRules,
  { kind, restore }: { kind: TextKind; restore(answer: string): ReturnType<typeof unmask> },
): Judged => {
  const finishReason = answer.usage.finish_reason
  const refused = (reason: string, policy: ReasonPolicy | undefined, text?: string, flags: string[] = []): Judged => {
    const { first, last } = policy ?? { first: 'retry', last: 'fail' }
    return {
      outcome: reason,
      flags: [...flags, reason],
      next: first === 'flag' ? 'retry' : first,
      last,
      ...(text !== undefined && { text }),
    }
  }
  const hopeless = rules.hopeless({ source, target: answer.text, finishReason, kind, promptText: rules.promptText })
  const flags: string[] = []
  if (hopeless) {
    const policy = rules.policyOf(hopeless.reason, kind)
    // An empty answer is none, whatever is to be done about it.
    if (policy?.first !== 'flag' || hopeless.reason === 'empty') return refused(hopeless.reason, policy)
  }
  // White space around an answer is nobody's: around the text it stands already.
  const restored = restore(peel(answer.text).segment)
  if ('problem' in restored) return { outcome: 'placeholders', flags: [], next: 'next_form', last: 'fail' }
  const framed = repairStructure(source, restored.text)
  const text = framed ?? restored.text
  const found = rules.findings({ source, target: text, finishReason, kind, promptText: rules.promptText })
  for (const { reason } of found) {
    const policy = rules.policyOf(reason, kind)
    if (!policy) continue
    if (policy.first !== 'flag') return refused(reason, policy, text, flags)
    flags.push(reason)
  }
  if (framed === undefined) {
    const policy = rules.policyOf('structure', kind)
    if (policy && policy.first !== 'flag') return refused('structure', policy, text, flags)
    if (policy) flags.push('structure')
  }
  return { outcome: '', text, flags }
}

interface Going {
  spans: Span[]
  rules: SegmentRules
  ask: Ask
  depth: number
  attempts: Attempt[]
}

/** Two halves of a text, or for the sake of its structure the words of its lines; undefined where it has no smaller parts. */
const partsOf = (
  text: string,
  reason: string,
  { spans, rules, depth }: Pick<Going, 'spans' | 'rules' | 'depth'>,
): Piece[] | undefined => {
  if (depth >= deepest) return undefined
  if (reason !== 'structure') {
    const parts = halves(text, spans, rules.findSpans)
    return parts.length > 1 ? parts : undefined
  }
  // A span that is cut is not one any more, and would be translated.
  const isOutside = (range: Range) => !spans.some(({ start, end }) => start < range.end && range.start < end)
  const parts = pieces(text, frameRanges(text).filter(isOutside))
  const words = parts.filter(({ isKept }) => !isKept)
  return words.length > 1 && keepSpans(parts, spans, rules.findSpans) ? parts : undefined
}

/** The text in smaller parts, each translated by itself; fails with `reason` where there are none. */
const inParts = async (
  text: string,
  reason: string,
  { spans, rules, ask, depth, attempts }: Going,
): Promise<SegmentOutcome> => {
  const parts = partsOf(text, reason, { spans, rules, depth })
  if (!parts) return { reason, flags: [], attempts }
  return joined(parts, attempts, (part) => translateSegment(part, rules, ask, depth + 1))
}

/** The last resort for spans that do not survive: what stands between them is translated alone. */
const between = async (text: string, { spans, rules, ask, depth, attempts }: Going): Promise<SegmentOutcome> => {
  const alone: SegmentRules = {
    ...rules,
    findSpans: () => [],
    policyOf: (reason, kind) => (aPieceMay.has(reason) ? undefined : rules.policyOf(reason, kind)),
  }
  const isTable = textLines(text).some(({ kind }) => kind === 'row')
  // A piece is of one line, or of one cell.
  const inPlace = (words: string): string => {
    const line = words.replace(/\s*[\n\r]\s*/g, ' ')
    return isTable ? line.replace(/(?<!\\)\|/g, '\\|') : line
  }
  const translate = async (part: string): Promise<SegmentOutcome> => {
    const outcome = await translateSegment(part, alone, ask, depth + 1)
    return outcome.text === undefined ? outcome : { ...outcome, text: inPlace(outcome.text) }
  }
  const outcome = await joined(wordPieces(text, spans), attempts, translate, 'pieces')
  if (outcome.text === undefined) return { ...outcome, reason: 'placeholders' }
  const isHeld = sameStructure(text, outcome.text) || !rules.policyOf('structure', kindOf(text))
  return isHeld ? outcome : { ...outcome, flags: [...outcome.flags, 'structure'] }
}

/** What a few words between two spans may well be: a name that stays, a word that becomes three. */
const aPieceMay = new Set([
  'copy',
  'unchanged',
  'too_short',
  'too_long',
  'wordy',
  'truncated',
  'part_copied',
  'structure',
])

/** One after the other: what fails ends them, so that no more is paid for. */
const joined = async (
  parts: readonly Piece[],
  before: Attempt[],
  translate: (text: string) => Promise<SegmentOutcome>,
  as?: string,
): Promise<SegmentOutcome> => {
  const attempts = [...before]
  const flags = new Set<string>()
  let text = ''
  for (const part of parts) {
    if (part.isKept) {
      text += part.text
      continue
    }
    const outcome = await translate(part.text)
    attempts.push(...outcome.attempts.map((attempt) => (as === undefined ? attempt : { ...attempt, step: as })))
    if (outcome.text === undefined) return { ...outcome, attempts }
    for (const flag of outcome.flags) flags.add(flag)
    text += outcome.text
  }
  return done(text, [...flags], attempts)
}
