import stringWidth from 'string-width'
import { absent, formatCount, formatNumber, formatPercent, formatTokens, formatUsd } from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import type { BudgetLimit, BudgetStand } from '../../services/estimate/budget-stand.ts'
import type { Estimate, Taken, TranslatorEstimate } from '../../services/estimate/estimate-result.ts'
import { countRange, hourRange, timeRange, tokenRange, usdRange } from './range-text.ts'

/** How an estimate was made. */
export interface EstimateAbout {
  pipeline: string
  rows: number | 'all'
  seed: number
  gpuTokensPerSecond: number
}

/** An estimate for a person. */
export const estimateText = (estimate: Estimate, about: EstimateAbout): string => {
  const translators = estimate.translators.map((one) => translatorText(one))
  return `${headText(estimate, about)}\n\n${translators.join('\n')}\n${totalText(estimate, about)}`
}

const headText = ({ splits }: Estimate, { pipeline, rows, seed }: EstimateAbout): string => {
  const sum = (of: (split: (typeof splits)[number]) => number) => splits.reduce((all, split) => all + of(split), 0)
  const all = sum((split) => split.rows)
  const read = sum(({ sampledRows }) => sampledRows)
  const isCounted = splits.every((split) => split.isCounted)
  const bad = Math.round(sum(({ badRows }) => badRows))
  const how =
    rows === 'all' || read >= all ? 'all of them looked at' : `${formatCount(read, 'row')} looked at, seed ${seed}`
  const badText = bad > 0 ? `; about ${formatCount(bad, 'row')} would not come in` : ''
  const count = `${isCounted ? '' : 'about '}${formatCount(Math.round(all), 'row')}`
  return `${pipeline}: ${count} in ${formatCount(splits.length, 'split')}, ${how}${badText}`
}

const heads = ['', 'chunks', 'kept', 'in memory', 'calls', 'tokens in', 'tokens out', 'money', 'time']

const translatorText = (one: TranslatorEstimate): string => {
  const { name, model, samples, slots, splits, total, measured, budget } = one
  const about = [model, samples > 1 && `${samples} samples`, slots > 0 && formatCount(slots, 'slot')]
  const rows = [
    ...splits.map((split) => cellsOf(split.split, split)),
    ...(splits.length > 1 ? [cellsOf('all', total)] : []),
  ]
  const hours = total.cost?.gpuHours
  const told = [
    hours && `GPU       ${hourRange(hours)}`,
    total.cost && `measured  ${measured.join(', ') || 'nothing yet: common values are taken'}`,
    total.saved.calls > 0 && `saved     ${savedText(total)}`,
    budget && budgetText(name, budget),
    `receives  ${receiversText(one)}`,
  ].filter((text) => typeof text === 'string')
  const title = [name, ...about.filter((text) => typeof text === 'string' && text !== '')].join(', ')
  return `${visibleLine(title)}\n${tableText(total.cost ? [heads, ...rows] : [heads, ...rows].map((row) => row.slice(0, 3)))}${told.map((text) => `  ${text}\n`).join('')}`
}

const cellsOf = (name: string, { chunks, kept, saved, cost }: Taken): string[] => [
  visibleLine(name),
  formatNumber(Math.round(chunks)),
  formatNumber(Math.round(kept)),
  formatNumber(Math.round(saved.calls)),
  ...(cost
    ? [
        countRange(cost.calls),
        tokenRange(cost.promptTokens),
        tokenRange(cost.answerTokens),
        cost.usd ? usdRange(cost.usd) : absent,
        timeRange(cost.seconds),
      ]
    : []),
]

const tableText = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => stringWidth(row[at] ?? ''))))
  const padded = (text: string, at: number) => {
    const space = ' '.repeat(widths[at]! - stringWidth(text))
    return at === 0 ? text + space : space + text
  }
  return rows.map((row) => `  ${row.map(padded).join('  ')}`.trimEnd().concat('\n')).join('')
}

const savedText = ({ saved }: Taken): string => {
  const tokens = `${formatTokens(saved.promptTokens)} tokens in, ${formatTokens(saved.completionTokens)} out`
  const money = saved.usd > 0 ? `, ${formatUsd(saved.usd)}` : ''
  return `${formatCount(Math.round(saved.calls), 'answer')} of the memory: ${tokens}${money}`
}

const receiversText = ({ receivers }: TranslatorEstimate): string => {
  const away = receivers.filter(({ isLocal }) => !isLocal).map(({ name }) => name)
  if (away.length > 0) return `${away.join(', ')}: the texts leave this machine`
  return `${receivers.map(({ name }) => name).join(', ')}: stays on this machine`
}

const budgetText = (name: string, { limits, isOver }: BudgetStand): string => {
  const told = limits.map((limit) => limitText(limit)).join('; ')
  return `budget    ${told}${isOver ? `; too little: translators.${name}.budget` : ''}`
}

/** One limit of a budget, what is left of it, and what is needed. */
export const limitText = ({ unit, budget, left, needed }: BudgetLimit): string => {
  const amount = unit === 'usd' ? formatUsd : formatTokens
  const need = !needed
    ? 'price not known'
    : unit === 'usd'
      ? `${usdRange(needed)} needed`
      : `${tokenRange(needed)} ${unit} needed`
  const share =
    needed && needed.high > 0 && needed.high <= left ? `, ${formatPercent(1 - needed.high / left, 0)} to spare` : ''
  return `${amount(left)} of ${amount(budget)}${unit === 'usd' ? '' : ` ${unit}`} left, ${need}${share}`
}

const totalText = ({ total, translators }: Estimate, { gpuTokensPerSecond }: EstimateAbout): string => {
  const called = translators.filter((one) => one.total.cost)
  if (called.length === 0) return 'Nothing is called and nothing costs money.\n'
  const unknown = called.filter((one) => !one.total.cost?.usd).map(({ name }) => name)
  const money = total.usd ? usdRange(total.usd) : 'price not known'
  const besides = total.usd && unknown.length > 0 ? `, without ${unknown.join(', ')}: price not known` : ''
  const hours = total.gpuHours
    ? `gpu    ${hourRange(total.gpuHours)} at ${formatNumber(gpuTokensPerSecond)} answer tokens/s of each\n`
    : ''
  return `money  ${money}${besides}\ntime   ${timeRange(total.seconds)}, translators side by side\n${hours}`
}
