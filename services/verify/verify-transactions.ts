import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../dataflow/log.ts'
import { type Check, openCheck } from './check.ts'

const pollMs = 500

/**
 * Looks for transactions that nobody ends: readers stop before them. One that is open at the same place for `hangMs`, longer than
 * any of kalam's own may be, hangs. Undefined on a log where transactions are never seen open.
 */
export const verifyTransactions = async (log: Log, pipeline: string, hangMs: number): Promise<Check | undefined> => {
  const { ends, committedEnds } = log
  if (!committedEnds) return undefined
  const check = openCheck('no transaction hangs')
  const topics = Object.keys(await log.topics()).filter((topic) => topic.startsWith(`${pipeline}.`))
  /** Partitions with something open, and where. */
  const open = async (among: string[]): Promise<Map<string, { topic: string; at: number; behind: number }>> => {
    const found = new Map<string, { topic: string; at: number; behind: number }>()
    for (const topic of among) {
      const settled = await committedEnds(topic)
      for (const [partition, end] of (await ends(topic)).entries()) {
        const at = settled[partition] ?? end
        if (at < end) found.set(`${topic}, partition ${partition}`, { topic, at, behind: end - at })
      }
    }
    return found
  }
  let hanging = await open(topics)
  for (const until = Date.now() + hangMs; hanging.size > 0 && Date.now() < until; ) {
    await sleep(Math.min(pollMs, hangMs))
    const now = await open([...new Set([...hanging.values()].map(({ topic }) => topic))])
    hanging = new Map([...hanging].filter(([where, { at }]) => now.get(where)?.at === at))
  }
  for (const topic of topics) {
    const found = [...hanging].filter(([, open]) => open.topic === topic)
    check.expect(found.length === 0, () =>
      found
        .map(([where, { at, behind }]) => `${where}: one is open at offset ${at}, with ${behind} behind it`)
        .join('; '),
    )
  }
  return check.result
}
