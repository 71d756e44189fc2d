import { type Deferred, deferred } from '../../../dataflow/deferred.ts'
import { KalamError } from '../../../dataflow/error.ts'
import { orAborted, pause } from '../abortable.ts'
import { type Ledger, nanoOf, type Spending } from '../ledger.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'
import { dearestCall } from './dearest-call.ts'

/** What a translator's calls are booked with. */
export interface Billing {
  ledger: Ledger
  /** The translator's name; its samples share it. */
  account: string
  /** What it may spend; empty = as much as it takes. */
  budget: Partial<Spending>
  /** The most that one call can take, as its user says. */
  perCall?: Partial<Spending>
  /** Dollars per million tokens, where they are known. */
  price?: { prompt: number; completion: number } | undefined
}

/**
 * The same translator, whose answers carry their bill. With a budget or a price every call is reserved before it is made, at the most
 * it can cost: a process that dies leaves it in doubt. Where nobody tells that, it is the dearest answer so far, and without one the first
 * call goes alone. KalamError budget_used_up, with `details.own`, when a call does not fit.
 */
export const billed = (translator: Translator, billing: Billing): Translator => {
  const { ledger, account, budget, perCall = {}, price } = billing
  const reserves = Object.keys(budget).length > 0 || price !== undefined
  const dearest = dearestCall()
  let underWay = 0
  let isFirstUnderWay = false
  let oneEnded: Deferred = deferred()

  /** With its prompt, which the greeting has too. */
  const lengthOf = (request: TranslateRequest): number => translator.render(request).length
  /** Undefined where the budget counts what is not known yet. */
  const mostOf = (request: TranslateRequest): Spending | undefined => {
    const told = translator.most?.(request)
    // What the user says is so for a text of any length.
    const seen = (said: number | undefined) => dearest.most(said === undefined ? lengthOf(request) : 0)
    const nano = told && price ? costOf(told, price) : largest(perCall.nano, seen(perCall.nano)?.nano)
    const tokens = told ? told.prompt + told.completion : largest(perCall.tokens, seen(perCall.tokens)?.tokens)
    const isUnknown =
      (budget.nano !== undefined && nano === undefined) || (budget.tokens !== undefined && tokens === undefined)
    return isUnknown ? undefined : { nano: nano ?? 0, tokens: tokens ?? 0, calls: 1 }
  }
  /** Those under way may cost less than was set aside for them: only when all of them are booked there is no room. */
  const reserve = async (request: TranslateRequest, signal: AbortSignal): Promise<string> => {
    for (;;) {
      const ended = oneEnded.promise
      const most = mostOf(request)
      if (most !== undefined || !isFirstUnderWay) {
        isFirstUnderWay = most === undefined
        const reservation = await ledger.reserve(account, most ?? unknown, budget)
        if (reservation !== undefined) return reservation
        isFirstUnderWay = false
        if (ledger.account(account).reserved.calls === 0) throw usedUp(billing)
      }
      await (underWay > 0 ? orAborted(ended, signal) : pause(bookingMs, signal))
    }
  }
  const withBill = (answer: TranslateAnswer, reservation?: string): TranslateAnswer => {
    const { text, usage } = answer
    const { prompt_tokens: prompt, completion_tokens: completion, cost_usd } = usage
    const usd = cost_usd ?? (price ? costOf({ prompt, completion }, price) / 1e9 : null)
    const spending = { nano: nanoOf(usd ?? 0), tokens: prompt + completion, calls: 1 }
    const bill = { account, spending, ...(reservation !== undefined && { reservation }) }
    return { text, usage: { ...usage, cost_usd: usd }, bill }
  }
  const reserved = async (request: TranslateRequest, call: { signal: AbortSignal }): Promise<TranslateAnswer> => {
    const reservation = await reserve(request, call.signal)
    underWay++
    try {
      const answer = withBill(await translator.translate(request, call), reservation)
      dearest.note(lengthOf(request), answer.bill!.spending)
      return answer
    } catch (thrown) {
      await (isUnanswered(thrown) ? ledger.free(reservation) : ledger.doubt(reservation))
      throw thrown
    } finally {
      underWay--
      isFirstUnderWay = false
      oneEnded.resolve()
      oneEnded = deferred()
    }
  }
  return {
    ...translator,
    translate: async (request, call) =>
      reserves ? reserved(request, call) : withBill(await translator.translate(request, call)),
  }
}

/** The larger of two bounds that may be unknown. */
const largest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)

/** An answer is booked about so long after its call has ended. */
const bookingMs = 20

/** What is set aside for a call of which nothing else is known: it does not fit into a budget that is used up to the last bit. */
const unknown: Spending = { nano: 1, tokens: 1, calls: 1 }

/** Nano-dollars of so many tokens, rounded up. */
const costOf = (tokens: { prompt: number; completion: number }, price: Billing['price']): number =>
  price ? Math.round((tokens.prompt * price.prompt + tokens.completion * price.completion) * 1000) : 0

/** A server that answers with a status has no answer to be paid for, and one that was not reached neither. */
const isUnanswered = (thrown: unknown): boolean =>
  thrown instanceof KalamError && (thrown.details.status !== undefined || thrown.details.unreached === true)

const usedUp = ({ ledger, account, budget }: Billing): KalamError => {
  const { spent, inDoubt } = ledger.account(account)
  const told = [
    budget.nano !== undefined && `$${money(spent.nano)} of $${money(budget.nano)} are spent`,
    budget.tokens !== undefined && `${spent.tokens} of ${budget.tokens} tokens are used`,
    budget.calls !== undefined && `${spent.calls} of ${budget.calls} calls are made`,
    inDoubt.calls > 0 && `${inDoubt.calls} calls with $${money(inDoubt.nano)} are in doubt`,
  ].filter((text) => text !== false)
  return new KalamError('budget_used_up', `translating with ${account}: the budget is used up: ${told.join(', ')}`, {
    details: { own: true },
    hint: `Raise translators.${account}.budget in pipeline.yaml and run again: it goes on where it stopped.`,
  })
}

const money = (nano: number): string => (nano / 1e9).toFixed(nano < 1e9 ? 4 : 2)
