import { setTimeout as sleep } from 'node:timers/promises'
import { causeOf } from './patience.ts'

const readyMs = 10_000
const waitMs = 2

/** Repeats a request that meets the end of the transaction before it, for 10 s; kafkajs does not. */
export const untilReady = async <Result>(request: () => Promise<Result>): Promise<Result> => {
  const until = Date.now() + readyMs
  for (;;) {
    try {
      return await request()
    } catch (thrown) {
      if (causeOf(thrown).type !== 'CONCURRENT_TRANSACTIONS' || Date.now() > until) throw thrown
      await sleep(waitMs)
    }
  }
}
