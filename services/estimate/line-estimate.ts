import type { CalledConfig, TranslatorConfig } from '../config.ts'
import { defaults, type Expected } from './measures.ts'
import { exactly, type Range, sumOf, times } from './range.ts'
import { samplingShare, type Tally } from './tally.ts'

/** What one split, or all of them, would take of one line. */
export interface Cost {
  /** Calls that have to be made, further attempts included. */
  calls: Range
  promptTokens: Range
  answerTokens: Range
  /** Undefined where no price is known. */
  usd: Range | undefined
  seconds: Range
  /** Undefined for servers that are paid by the token. */
  gpuHours: Range | undefined
}

/** What a line's figures are worked out with. */
export interface Terms {
  expected: Expected
  /** Dollars per million tokens. */
  price: { prompt: number; completion: number } | undefined
  slots: number
  rates: CalledConfig['rates']
  /** Tokens of answers that one GPU gives in a second. */
  gpuTokensPerSecond: number
  /** Servers that calls go to. */
  servers: number
}

/** The terms of a translator; local backends take nothing. */
export const termsOf = (
  settings: TranslatorConfig,
  expected: Expected,
  { gpuTokensPerSecond, servers }: Pick<Terms, 'gpuTokensPerSecond' | 'servers'>,
): Terms | undefined =>
  settings.backend === 'openai' ? { ...{ expected, gpuTokensPerSecond, servers }, ...pick(settings) } : undefined

const pick = ({ price, slots, rates }: TranslatorConfig & { backend: 'openai' }) => ({ price, slots, rates })

/** What a tally comes to. */
export const costOf = (tally: Tally, terms: Terms): Cost => {
  const { expected } = terms
  const off = samplingShare(tally)
  const sampling = { low: 1 - off, high: 1 + off }
  const repeats = { low: 1 + expected.retries.low, high: 1 + expected.retries.high }
  const calls = times(tally.calls, sampling, repeats)
  const promptTokens = times(tally.promptTokens, sampling, repeats, expected.promptFactor)
  const answerTokens = times(tally.textTokens, sampling, repeats, expected.answerRatio)
  return costOfTokens({ calls, promptTokens, answerTokens }, terms)
}

const costOfTokens = (tokens: Pick<Cost, 'calls' | 'promptTokens' | 'answerTokens'>, terms: Terms): Cost => {
  const usd = usdOf(tokens, terms)
  const gpuHours = times(tokens.answerTokens, exactly(1 / terms.gpuTokensPerSecond / 3600))
  return { ...tokens, usd, seconds: secondsOf(tokens, terms), gpuHours: usd ? undefined : gpuHours }
}

const usdOf = (
  { promptTokens, answerTokens }: Pick<Cost, 'promptTokens' | 'answerTokens'>,
  { price, expected }: Terms,
): Range | undefined => {
  if (price)
    return sumOf([
      times(promptTokens, exactly(price.prompt / 1e6)),
      times(answerTokens, exactly(price.completion / 1e6)),
    ])
  return expected.usdPerToken && times(sumOf([promptTokens, answerTokens]), expected.usdPerToken)
}

/** Calls at all places at once, at their measured time or at that of common servers; never faster than the provider allows. */
const secondsOf = (
  { calls, promptTokens, answerTokens }: Pick<Cost, 'calls' | 'promptTokens' | 'answerTokens'>,
  { expected, slots, rates, price, gpuTokensPerSecond, servers }: Terms,
): Range => {
  const { callSeconds, usdPerToken } = expected
  const isOwn = !price && !usdPerToken
  const unmeasured = isOwn
    ? times(answerTokens, exactly(1 / gpuTokensPerSecond / servers))
    : sumOf([
        times(calls, defaults.firstTokenSeconds, exactly(1 / slots)),
        {
          low: answerTokens.low / defaults.tokensPerCallSecond.high / slots,
          high: answerTokens.high / defaults.tokensPerCallSecond.low / slots,
        },
      ])
  const measured = callSeconds ? times(calls, callSeconds, exactly(1 / slots)) : unmeasured
  const perMinute = rates.requests_per_minute ?? Number.POSITIVE_INFINITY
  const tokensPerMinute = rates.tokens_per_minute ?? Number.POSITIVE_INFINITY
  const perDay = rates.requests_per_day ?? Number.POSITIVE_INFINITY
  const allowed = (end: 'low' | 'high') =>
    Math.max(
      (calls[end] / perMinute) * 60,
      ((promptTokens[end] + answerTokens[end]) / tokensPerMinute) * 60,
      // The first day's calls need no other day.
      Math.max(0, Math.ceil(calls[end] / perDay) - 1) * 86_400,
    )
  return { low: Math.max(measured.low, allowed('low')), high: Math.max(measured.high, allowed('high')) }
}

/** The sum of what several splits or samples take. */
export const costSum = (costs: readonly Cost[]): Cost => {
  const sum = (of: (cost: Cost) => Range) => sumOf(costs.map(of))
  const sumKnown = (of: (cost: Cost) => Range | undefined): Range | undefined => {
    const known = costs.flatMap((cost) => of(cost) ?? [])
    return known.length === 0 ? undefined : sumOf(known)
  }
  return {
    calls: sum(({ calls }) => calls),
    promptTokens: sum(({ promptTokens }) => promptTokens),
    answerTokens: sum(({ answerTokens }) => answerTokens),
    usd: sumKnown(({ usd }) => usd),
    seconds: sum(({ seconds }) => seconds),
    gpuHours: sumKnown(({ gpuHours }) => gpuHours),
  }
}
