import { KalamError } from '../../../dataflow/error.ts'
import type { Ledger } from '../ledger.ts'
import type { Translator } from '../translator.ts'

/** What a provider allows in a day, and where calls are counted. */
export interface DailyQuota {
  ledger: Ledger
  /** The translator's name; its samples share it. */
  account: string
  /** Calls of a day of UTC; undefined = no limit. */
  mostCalls: number | undefined
  now(): number
}

const dayMs = 86_400_000

/**
 * The same translator with no more calls in a day of UTC than allowed, also when processes come and go: each is counted on disk before
 * it is made. One that is too many is KalamError rate_limited, with the time until the next day to wait.
 */
export const daily = (translator: Translator, { ledger, account, mostCalls, now }: DailyQuota): Translator => {
  if (mostCalls === undefined) return translator
  return {
    ...translator,
    async translate(request, call) {
      const day = Math.floor(now() / dayMs)
      if (await ledger.takeOfDay(account, day, mostCalls)) return translator.translate(request, call)
      const doing = `translating ${request.id}#${request.messageIndex} with ${account}`
      throw new KalamError(
        'rate_limited',
        `${doing}: the ${mostCalls} calls of this day are made, 00:00 UTC begins the next`,
        {
          retryable: true,
          details: { own: true, retryAfterMs: (day + 1) * dayMs - now() },
          hint: `It is translators.${account}.rates.requests_per_day in pipeline.yaml.`,
        },
      )
    },
  }
}
