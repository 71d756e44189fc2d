import { absent, formatBytes, formatCount, formatNumber, formatTokens } from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import type { Account, Spending } from '../../services/translate/ledger.ts'
import type { MemoryCounts } from '../../services/translate/memory-counts.ts'
import { cell } from './cells.ts'
import { exactNano } from './exact-usd.ts'

/** What `kalam memory stats` shows. */
export interface MemoryStats extends MemoryCounts {
  bytes: number
  /** Answers of the shared memory, where there is one. */
  shared?: number
  accounts: (Account & { name: string })[]
}

/** The memory for a person: answers by model, and what was spent by translator. */
export const memoryStatsText = (stats: MemoryStats): string => {
  const { answers, givenUp, bytes, models, refused, accounts, firstMs, lastMs, shared } = stats
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const since = firstMs === undefined || lastMs === undefined ? '' : `, of ${day(firstMs)} to ${day(lastMs)}`
  return `${[
    `${formatCount(answers, 'answer')}${since}, ${formatBytes(bytes)} on disk`,
    ...(shared === undefined ? [] : [`${formatCount(shared, 'answer')} in the shared memory`]),
    ...(givenUp > 0 ? [`  ${formatCount(givenUp, 'call')} given up, which no replay makes again`] : []),
    ...refused.map((one) => `  ${formatNumber(one.answers)} refused whatever was asked: ${one.reason}`),
    ...(models.length === 0 ? [] : ['', ...modelTable(models)]),
    '',
    ...(accounts.length === 0 ? ['nothing was booked'] : accountTable(accounts)),
  ].join('\n')}\n`
}

const modelTable = (models: MemoryCounts['models']): string[] => {
  const names = models.map(({ model, provider }) =>
    visibleLine([model || absent, provider].filter(Boolean).join(' at ')),
  )
  const width = Math.min(60, Math.max(8, ...names.map((name) => name.length)) + 2)
  return [
    `${cell('model', width)}${cell('answers', 12, true)}${cell('tokens', 12, true)}`,
    ...models.map(
      (one, i) =>
        `${cell(names[i]!, width)}${cell(formatNumber(one.answers), 12, true)}${cell(formatTokens(one.tokens), 12, true)}`,
    ),
  ]
}

/** Money to the last digit: sums are exact. */
const accountTable = (accounts: MemoryStats['accounts']): string[] => {
  const width = Math.max(12, ...accounts.map(({ name }) => name.length + 2))
  const row = (name: string, what: string, { nano, tokens, calls }: Spending) =>
    `${cell(name, width)}${cell(what, 10)}${cell(exactNano(nano), 20, true)}${cell(formatNumber(tokens), 16, true)}${cell(formatNumber(calls), 12, true)}`
  return [
    `${cell('translator', width)}${cell('', 10)}${cell('usd', 20, true)}${cell('tokens', 16, true)}${cell('calls', 12, true)}`,
    ...accounts.flatMap(({ name, spent, inDoubt, reserved }) => [
      row(name, 'spent', spent),
      ...(inDoubt.calls > 0 ? [row('', 'in doubt', inDoubt)] : []),
      ...(reserved.calls > 0 ? [row('', 'reserved', reserved)] : []),
    ]),
  ]
}
