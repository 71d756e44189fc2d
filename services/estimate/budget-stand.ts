import { plus, type Spending } from '../translate/ledger.ts'
import type { Cost } from './line-estimate.ts'
import type { Range } from './range.ts'

/** One limit of a budget and what an estimate says of it. */
export interface BudgetLimit {
  unit: 'usd' | 'tokens' | 'calls'
  budget: number
  /** What is not spent, and not in doubt. */
  left: number
  /** What is still to be spent; undefined where no price is known. */
  needed: Range | undefined
}

/** Every limit of a translator's budget. */
export interface BudgetStand {
  limits: BudgetLimit[]
  /** Whether even the low estimate is over what is left. */
  isOver: boolean
}

/** Compares what is left of a budget with what is needed. */
export const budgetStand = (
  budget: Partial<Spending>,
  { spent, inDoubt }: { spent: Spending; inDoubt: Spending },
  cost: Cost | undefined,
): BudgetStand => {
  const gone = plus(spent, inDoubt)
  const tokens = cost && {
    low: cost.promptTokens.low + cost.answerTokens.low,
    high: cost.promptTokens.high + cost.answerTokens.high,
  }
  const limits: BudgetLimit[] = [
    ...limitOf('usd', budget.nano && budget.nano / 1e9, gone.nano / 1e9, cost?.usd),
    ...limitOf('tokens', budget.tokens, gone.tokens, tokens),
    ...limitOf('calls', budget.calls, gone.calls, cost?.calls),
  ]
  return { limits, isOver: limits.some(({ left, needed }) => needed !== undefined && needed.low > left) }
}

const limitOf = (
  unit: BudgetLimit['unit'],
  budget: number | undefined,
  gone: number,
  needed: Range | undefined,
): BudgetLimit[] => (budget === undefined ? [] : [{ unit, budget, left: Math.max(0, budget - gone), needed }])
