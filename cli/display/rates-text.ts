import {
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatTokens,
  formatUsd,
} from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import type { LineRates } from '../../services/estimate/measured-rates.ts'

/** The measured rates of a side run for a person, and how the whole is started. */
export const ratesText = (rates: readonly LineRates[], about: { pipeline: string; file: string }): string => {
  const lines = rates.map((rate) => `${visibleLine(rate.line)}\n${measuredText(rate)}${wholeText(rate)}`)
  const none = rates.length === 0 ? 'No translator was called: there is nothing to measure.\n' : ''
  return `${none}${lines.join('')}The whole pays for none of this again:  kalam run ${about.file}\n`
}

const measuredText = ({
  calls,
  refused,
  speed,
  usd,
  conversations,
  promptTokens,
  completionTokens,
}: LineRates): string => {
  const fast =
    speed && speed.seconds > 0
      ? `${formatNumber(speed.calls / speed.seconds, 1)} calls/s, ${formatNumber(speed.tokens / speed.seconds)} answer tokens/s`
      : 'all of it from memory'
  const money =
    usd === undefined
      ? 'price not known'
      : `${formatUsd((usd / Math.max(1, conversations)) * 1000)} per 1,000 conversations`
  return `  measured  ${formatCount(calls, 'answer')}, ${formatPercent(refused)} refused; ${formatTokens(promptTokens)} tokens in, ${formatTokens(completionTokens)} out
  rates     ${fast}; ${money}\n`
}

const wholeText = ({ whole, speed }: LineRates): string => {
  const time =
    speed && speed.seconds > 0
      ? `, ${formatDuration((whole.completionTokens / speed.tokens) * speed.seconds)} at this rate`
      : ''
  const money = whole.usd === undefined ? 'price not known' : formatUsd(whole.usd)
  const tokens = `${formatTokens(whole.promptTokens)} tokens in, ${formatTokens(whole.completionTokens)} out`
  return `  whole     ${formatCount(Math.round(whole.calls), 'call')}, ${tokens}, ${money}${time}\n`
}
