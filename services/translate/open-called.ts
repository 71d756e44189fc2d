import { KalamError } from '../../dataflow/error.ts'
import { canonicalJson } from '../../dataflow/settings-hash.ts'
import type { CalledConfig } from '../config.ts'
import { baseUrls } from './base-urls.ts'
import { billed } from './calls/billed.ts'
import { daily } from './calls/daily.ts'
import { limited } from './calls/limited.ts'
import { type Limiter, limiter } from './calls/limiter.ts'
import { retried } from './calls/retried.ts'
import { freeSlots, type Slots } from './calls/slots.ts'
import { type Stand, standing } from './calls/standing.ts'
import { nanoOf, type Spending } from './ledger.ts'
import type { TranslatorEnvironment } from './open-translator.ts'
import { type Probe, probeOf } from './probe.ts'
import type { TranslateAnswer, Translator } from './translator.ts'
import { remembered } from './with-memory.ts'

/** A translator, and whether it stands still where it may. */
export interface OpenedTranslator {
  translator: Translator
  stand?: Stand
  /** What keeps chunks back that could not be asked for yet. */
  starts?: Slots
  probe?(targetLanguage: string): Probe
}

/** How many chunks more than there are places may be on their way to one: looked up in the memory, or waiting. */
const startsAhead = 64

/** After this time a line that stands still looks whether it can go on. */
const standsMs = 60_000

/**
 * A backend as a line calls it. Memory outside, so that what is known waits for nothing; then what stops the whole line, and repeats,
 * which hold no place while they wait; then the places of the endpoint, which hold until an answer is kept, the bill, and the call.
 */
export const openCalled = (
  name: string,
  settings: CalledConfig,
  backend: Translator,
  { memory, onWait, wrapBackend, limiterOf, now }: TranslatorEnvironment & { limiterOf: SharedLimiters },
): OpenedTranslator => {
  const { budget, price, rates } = settings
  const wrapped = wrapBackend?.(backend, { name, timeoutMs: longestMs(settings) }) ?? backend
  const { ledger } = memory
  const mostCalls = rates.requests_per_day
  const billing = { ledger, account: name, budget: budgetOf(budget), perCall: budgetOf(budget.per_call ?? {}), price }
  const paid = daily(billed(wrapped, billing), { ledger, account: name, mostCalls, now })
  const repeated = retried(limited(paid, limiterOf(settings, backend.slots), memory), {
    attempts: 5,
    firstWaitMs: 500,
    longestWaitMs: 60_000,
    random: Math.random,
    onWait: (event) => onWait?.({ ...event, line: name }),
  })
  const { translator, stand } = standing(repeated, {
    againMs: standsMs,
    onStand: ({ code, message }) => onWait?.({ reason: code, message, waitMs: standsMs, line: name }),
  })
  return {
    translator: remembered(translator, memory),
    stand,
    starts: freeSlots(() => backend.slots + startsAhead),
    probe: (targetLanguage) => probeOf(paid, memory, { targetLanguage, refuse: refuseUncounted(name, settings) }),
  }
}

/** KalamError config_invalid when a budget in dollars has nothing to count. */
const refuseUncounted =
  (name: string, { budget, price }: CalledConfig) =>
  ({ usage, failure }: TranslateAnswer): void => {
    if (budget.usd === undefined || price !== undefined || failure || usage.cost_usd !== null) return
    throw new KalamError(
      'config_invalid',
      `asking translators.${name} for a greeting: it does not tell what a call costs, so budget.usd has nothing to count`,
      { hint: `Set translators.${name}.price in pipeline.yaml, or give the budget in tokens or calls.` },
    )
  }

/** The one limiter of an endpoint: the first that asks for it says how many places it has, and everybody's rates hold for all. */
export type SharedLimiters = (settings: CalledConfig, slots: number) => Limiter

/** Limiters by endpoint: URLs and a key, however they are written, a program, or a module. */
export const sharedLimiters = (env: Record<string, string | undefined>): SharedLimiters => {
  const limiters = new Map<string, Limiter>()
  return (settings, slots) => {
    const endpoint = canonicalJson(endpointOf(settings, env))
    const shared = limiters.get(endpoint) ?? limiter({ slots })
    limiters.set(endpoint, shared)
    shared.restrict(ratesOf(settings.rates))
    return shared
  }
}

const endpointOf = (settings: CalledConfig, env: Record<string, string | undefined>): unknown => {
  switch (settings.backend) {
    case 'openai':
      return [
        baseUrls(settings.url, env)
          .map((url) => url.replace(/\/+$/, ''))
          .sort(),
        env[settings.key?.slice(1) ?? ''] ?? '',
      ]
    case 'exec':
      return [settings.backend, settings.command]
    case 'module':
      return [settings.backend, settings.module, settings.options]
  }
}

/** The longest that a call may take. */
export const longestMs = (settings: CalledConfig): number =>
  1000 * Math.max(settings.timeout_s, settings.backend === 'exec' ? settings.start_timeout_s : 0)

const ratesOf = ({ requests_per_minute, tokens_per_minute }: CalledConfig['rates']) => ({
  requestsPerMinute: requests_per_minute,
  tokensPerMinute: tokens_per_minute,
})

/** A budget of pipeline.yaml as the ledger counts it. */
export const budgetOf = ({
  usd,
  tokens,
  calls,
}: Pick<CalledConfig['budget'], 'usd' | 'tokens' | 'calls'>): Partial<Spending> => ({
  ...(usd !== undefined && { nano: nanoOf(usd) }),
  ...(tokens !== undefined && { tokens }),
  ...(calls !== undefined && { calls }),
})
