import type { Codec } from '../dataflow/codec.ts'
import type { Log } from '../dataflow/log.ts'
import { chosenBy, type RetryRule } from './translate/retries.ts'

/** What asking anew would take, before it begins. */
export interface RetryCost {
  chunks: number
  /** Calls at least, and as many as all attempts or, for texts that were cut into pieces, those before came to. */
  calls: { low: number; high: number }
  /** Dollars of so many, by what calls of this line cost so far; undefined where that is not known. */
  usd: { low: number; high: number } | undefined
}

/** Counts the chunks of a translator line's topic that a rule chooses, and prices them by the line's own calls. */
export const retryCost = async (
  { log, codec }: { log: Log; codec: Codec },
  topic: string,
  rule: RetryRule,
): Promise<RetryCost> => {
  const chooses = chosenBy(rule)
  let chunks = 0
  let high = 0
  let calls = 0
  let spent = 0
  for (const [partition, end] of (await log.ends(topic)).entries()) {
    for await (const records of log.scan(topic, partition, 0, end)) {
      for (const { key, value } of records) {
        const { status, reason, message_index, attempts } = await codec.decode('Translation', value)
        for (const { cost_usd } of attempts) {
          if (cost_usd === null) continue
          calls++
          spent += cost_usd
        }
        const isAsked = status === 'failed' || status === 'translated'
        if (!isAsked || !chooses(key, message_index, status === 'failed' ? (reason ?? '') : '')) continue
        chunks++
        high += Math.max(rule.attempts, attempts.length)
      }
    }
  }
  const each = calls === 0 ? undefined : spent / calls
  return {
    chunks,
    calls: { low: chunks, high },
    usd: each === undefined ? undefined : { low: chunks * each, high: high * each },
  }
}
