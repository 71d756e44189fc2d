import { KalamError } from '../../dataflow/error.ts'
import type { Translator } from '../translate/translator.ts'
import type { ExplainedWaits } from './explained-waits.ts'

/** What a backend has done in this process. */
export interface BackendActivity {
  readonly translator: string
  readonly slots: number
  inFlight: number
  /** Calls by how they ended: ok, or the code of the error. */
  readonly calls: Map<string, number>
  /** Calls made again, by why: refused_answer, or the code of the error. */
  readonly retries: Map<string, number>
  promptTokens: number
  completionTokens: number
  spentUsd: number
}

/** What meteredTranslator tells. */
export interface TranslatorMeter {
  backends: Map<string, BackendActivity>
  waits: ExplainedWaits
  /** The clock of `waits`. */
  now(): number
  /** Told how long each call took. */
  called(translator: string, ms: number): void
}

/** The same backend; its calls are noted. While a call is younger than its time-out, its line stands still for a reason. */
export const meteredTranslator = (
  translator: Translator,
  about: { name: string; timeoutMs: number },
  meter: TranslatorMeter,
): Translator => {
  const { name, timeoutMs } = about
  const who = { stage: 'translate', line: name }
  const activity: BackendActivity = {
    translator: name,
    slots: translator.slots,
    inFlight: 0,
    calls: new Map(),
    retries: new Map(),
    promptTokens: 0,
    completionTokens: 0,
    spentUsd: 0,
  }
  meter.backends.set(name, activity)
  return {
    ...translator,
    async translate(request, options) {
      const began = meter.now()
      activity.inFlight++
      meter.waits.explain(who, began + timeoutMs)
      if (request.attempt > 0) count(activity.retries, 'refused_answer')
      let outcome = 'ok'
      try {
        const answer = await translator.translate(request, options)
        activity.promptTokens += answer.usage.prompt_tokens
        activity.completionTokens += answer.usage.completion_tokens
        activity.spentUsd += answer.usage.cost_usd ?? 0
        return answer
      } catch (thrown) {
        outcome = options.signal.aborted ? 'aborted' : thrown instanceof KalamError ? thrown.code : 'internal'
        if (thrown instanceof KalamError && thrown.retryable) count(activity.retries, outcome)
        throw thrown
      } finally {
        activity.inFlight--
        count(activity.calls, outcome)
        const ended = meter.now()
        meter.waits.explain(who, ended)
        meter.called(name, ended - began)
      }
    },
  }
}

const count = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
