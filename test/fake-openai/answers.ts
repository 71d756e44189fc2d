import { pseudoText } from '../../services/translate/backends/pseudo.ts'
import { draw, pick } from './draw.ts'
import { aroundSentinels, breakSentinels, hasSentinels, type SentinelFault } from './sentinels.ts'

/** What is wrong with an answer that a server takes for a good one. */
export type BadAnswer = 'empty' | 'cut' | 'refusal' | 'preamble' | 'echo' | 'runaway' | SentinelFault

/** How often answers are bad, from 0 to 1 each, together at most 1. Those of sentinels are good where there are none. */
export interface BadAnswerRates {
  /** Of every kind the same share, together this. */
  badAnswers?: number
  empties?: number
  /** Half an answer, with finish reason length. */
  cut?: number
  refusals?: number
  preambles?: number
  echoes?: number
  /** The last words over and over. */
  runaways?: number
  droppedSentinels?: number
  doubledSentinels?: number
  localisedSentinels?: number
}

/** The shares of bad answers that rates tell, for `answerTo`. */
export const answerShares = (rates: BadAnswerRates): [BadAnswer, number][] => {
  const shares: [BadAnswer, number | undefined][] = [
    ['empty', rates.empties],
    ['cut', rates.cut],
    ['refusal', rates.refusals],
    ['preamble', rates.preambles],
    ['echo', rates.echoes],
    ['runaway', rates.runaways],
    ['sentinel_dropped', rates.droppedSentinels],
    ['sentinel_doubled', rates.doubledSentinels],
    ['sentinels_localised', rates.localisedSentinels],
  ]
  const each = (rates.badAnswers ?? 0) / shares.length
  return shares.flatMap(([kind, share = 0]): [BadAnswer, number][] => (share + each > 0 ? [[kind, share + each]] : []))
}

/** An answer to a segment. */
export interface Answer {
  text: string
  finishReason: string
  /** `ok`, or what is wrong with it. */
  outcome: string
}

/** What a server answers to a segment: a good answer, or by the draw of the request's bytes a bad one. */
export const answerTo = (
  segment: string,
  digest: Buffer,
  seed: number,
  shares: readonly [BadAnswer, number][],
  translate: (segment: string) => string = goodText,
): Answer => {
  const kind = shares.length === 0 ? undefined : pick(draw(digest, 'answer', 0, seed), shares)
  const good = kind === 'refusal' || kind === 'empty' || kind === 'echo' ? '' : translate(segment)
  if (kind === undefined || (kind.startsWith('sentinel') && !hasSentinels(segment)))
    return { text: good, finishReason: 'stop', outcome: 'ok' }
  const language = draw(digest, 'choice', 0, seed) < 0.5 ? 0 : 1
  return { ...badAnswer(kind, segment, good, language), outcome: kind }
}

/** Latin letters as Arabic ones, sentinels as they were. */
export const goodText = (segment: string): string => aroundSentinels(segment, pseudoText)

const refusals = ['I am sorry, but I cannot help with that.', 'عذرًا، لا أستطيع المساعدة في ذلك.']
const preambles = ['Here is the translation:\n\n', 'إليك الترجمة:\n\n']

const badAnswer = (kind: BadAnswer, segment: string, good: string, language: 0 | 1): Omit<Answer, 'outcome'> => {
  switch (kind) {
    case 'empty':
      return { text: '', finishReason: 'stop' }
    case 'cut':
      return { text: good.slice(0, good.length / 2).toWellFormed(), finishReason: 'length' }
    case 'refusal':
      return { text: refusals[language]!, finishReason: 'stop' }
    case 'preamble':
      return { text: preambles[language]! + good, finishReason: 'stop' }
    case 'echo':
      return { text: segment, finishReason: 'stop' }
    case 'runaway': {
      const words = ` ${good.split(/\s+/).slice(-4).join(' ')}`
      return { text: good + words.repeat(Math.ceil(4096 / words.length)), finishReason: 'stop' }
    }
    default:
      return { text: breakSentinels(good, kind), finishReason: 'stop' }
  }
}
