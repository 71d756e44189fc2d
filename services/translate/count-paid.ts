import type { Codec } from '../../dataflow/codec.ts'
import type { Log } from '../../dataflow/log.ts'
import { type Ledger, nanoOf, nothing, plus, type Spending } from './ledger.ts'

/** A translator's account and where it is kept. */
export interface PaidFrom {
  ledger: Ledger
  account: string
}

/**
 * Counts in the account what a line's records tell was paid and is not counted yet: a line that comes from another machine, or whose state
 * folder was lost, does not begin with its whole budget again. Reads each record once.
 */
export const countPaid = async (
  { log, codec }: { log: Log; codec: Codec },
  topic: string,
  { ledger, account }: PaidFrom,
): Promise<void> => {
  const attemptsOnly = codec.withOnly('Translation', ['attempts'])
  const ends = await (log.committedEnds?.(topic) ?? log.ends(topic))
  for (const [partition, to] of ends.entries()) {
    const from = ledger.counted(account, { topic, partition })
    if (from >= to) continue
    let paid: Spending = nothing
    for await (const records of log.scan(topic, partition, from, to)) {
      await codec.prepare(records)
      for (const { value } of records) {
        if (value.length === 0) continue
        for (const attempt of attemptsOnly.decode('Translation', value).attempts) {
          if (attempt.from_memory || attempt.at_ms === 0) continue
          const { cost_usd, prompt_tokens, completion_tokens } = attempt
          paid = plus(paid, { nano: nanoOf(cost_usd ?? 0), tokens: prompt_tokens + completion_tokens, calls: 1 })
        }
      }
    }
    await ledger.count(account, { topic, partition, from, to }, paid)
  }
}
