/** What calls took: money in integer nano-dollars, prompt and completion tokens together, and calls. */
export interface Spending {
  nano: number
  tokens: number
  calls: number
}

/** A translator's account. */
export interface Account {
  /** Of answers that came. */
  spent: Spending
  /** Of calls that were under way when a process died or a connection broke, at the most they can have cost. */
  inDoubt: Spending
  /** Of calls that are under way, at the most they can cost. */
  reserved: Spending
}

/** What an answer costs, and the reservation that it ends. */
export interface Bill {
  account: string
  spending: Spending
  reservation?: string
}

/** What is spent, kept with the memory: an answer and its bill are stored together or not at all. */
export interface Ledger {
  /**
   * Sets aside what a call can cost at most, durable before it resolves with the reservation's name; undefined when what is spent, in
   * doubt and reserved would go over the budget with it.
   */
  reserve(account: string, most: Spending, budget: Partial<Spending>): Promise<string | undefined>
  /** The call was not answered and costs nothing. */
  free(reservation: string): Promise<void>
  /** The call may have been answered: nobody knows. */
  doubt(reservation: string): Promise<void>
  /** Counts a call of a day, by its number since 1970, durable before it resolves; false, uncounted, when `most` were counted before. */
  takeOfDay(account: string, day: number, most: number): Promise<boolean>
  /** The offset from which on the records of a partition are not counted yet. */
  counted(account: string, place: RecordPlace): number
  /**
   * Counts what further records of a partition tell was paid, unless it is done already, durable before it resolves: an account has spent at
   * least what all of its records tell, some of which another machine may have written.
   */
  count(account: string, records: RecordPlace & { from: number; to: number }, spending: Spending): Promise<void>
  account(name: string): Account
  accounts(): string[]
}

/** A partition of a topic. */
export interface RecordPlace {
  topic: string
  partition: number
}

/** Nothing. */
export const nothing: Spending = { nano: 0, tokens: 0, calls: 0 }

/** The sum of two spendings. */
export const plus = (a: Spending, b: Spending): Spending => ({
  nano: a.nano + b.nano,
  tokens: a.tokens + b.tokens,
  calls: a.calls + b.calls,
})

/** The larger of two spendings in everything. */
export const atLeast = (a: Spending, b: Spending): Spending => ({
  nano: Math.max(a.nano, b.nano),
  tokens: Math.max(a.tokens, b.tokens),
  calls: Math.max(a.calls, b.calls),
})

/** Whether a spending is within a budget; what the budget does not name is not limited. */
export const isWithin = (spending: Spending, budget: Partial<Spending>): boolean =>
  (['nano', 'tokens', 'calls'] as const).every((what) => spending[what] <= (budget[what] ?? Number.POSITIVE_INFINITY))

/** Dollars as integer nano-dollars, in which sums stay exact. */
export const nanoOf = (usd: number): number => Math.round(usd * 1e9)

/** The other way round. */
export const usdOf = ({ nano }: Pick<Spending, 'nano'>): number => nano / 1e9
