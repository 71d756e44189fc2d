import type { Codec } from '../../dataflow/codec.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Log } from '../../dataflow/log.ts'
import type { Attempt } from '../../schemas/records.ts'
import { orAborted } from './abortable.ts'
import { type Ledger, nanoOf, nothing, plus, type Spending } from './ledger.ts'

/** A translator's account and where it is kept. */
export interface PaidFrom {
  ledger: Ledger
  account: string
}

/**
 * Counts in the account what a line's records tell was paid and is not counted yet: a line that comes from another machine, or whose state
 * folder was lost, does not begin with its whole budget again. Reads each record once. Tasks that ask at the same time wait for one count
 * of all partitions, since a budget is theirs together; it ends early when none of them waits any more.
 */
export const paidCounter = (
  from: { log: Log; codec: Codec },
  topic: string,
  paidFrom: PaidFrom,
): ((signal: AbortSignal) => Promise<void>) => {
  let counting: Promise<boolean> | undefined
  let waiting = 0
  return async (signal) => {
    waiting++
    try {
      for (let isWhole = false; !isWhole; ) {
        counting ??= countPaid(from, topic, paidFrom, () => waiting > 0).finally(() => {
          counting = undefined
        })
        isWhole = await orAborted(counting, signal)
      }
    } finally {
      waiting--
    }
  }
}

/** Whether it was not left off. */
const countPaid = async (
  { log, codec }: { log: Log; codec: Codec },
  topic: string,
  { ledger, account }: PaidFrom,
  isWanted: () => boolean,
): Promise<boolean> => {
  const attemptsOnly = codec.withOnly('Translation', ['attempts'])
  const ends = await (log.committedEnds?.(topic) ?? log.ends(topic))
  for (const [partition, to] of ends.entries()) {
    if (!isWanted()) return false
    const from = ledger.counted(account, { topic, partition })
    if (from >= to) continue
    let paid: Spending = nothing
    for await (const records of log.scan(topic, partition, from, to)) {
      if (!isWanted()) return false
      await codec.prepare(records)
      for (const { value } of records) if (value.length > 0) paid = plus(paid, paidFor(attemptsOnly, value))
    }
    if (!isWanted()) return false
    await ledger.count(account, { topic, partition, from, to }, paid)
  }
  return true
}

const paidFor = (codec: Codec, value: Uint8Array): Spending =>
  attemptsOf(codec, value)
    .filter(({ from_memory, at_ms }) => !from_memory && at_ms > 0)
    .map(({ cost_usd, prompt_tokens, completion_tokens }) => ({
      ...{ nano: nanoOf(cost_usd ?? 0), tokens: prompt_tokens + completion_tokens, calls: 1 },
    }))
    .reduce(plus, nothing)

/** None of a record that cannot be decoded: whoever reads the line for its texts records it. */
const attemptsOf = (codec: Codec, value: Uint8Array): Attempt[] => {
  try {
    return codec.decode('Translation', value).attempts
  } catch (thrown) {
    if (thrown instanceof KalamError && thrown.code === 'undecodable') return []
    throw thrown
  }
}
