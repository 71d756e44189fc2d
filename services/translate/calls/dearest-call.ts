import type { Spending } from '../ledger.ts'

/** What calls are taken to cost at most whose price nobody tells: as much as the dearest so far, and more for a longer text. */
export interface DearestCall {
  /** Takes an answer into account; `length` of its request in characters. */
  note(length: number, spending: Spending): void
  /** Undefined before the first answer. */
  most(length: number): Spending | undefined
}

/** Makes one that has seen nothing. Longer texts than any so far are taken to cost more in proportion. */
export const dearestCall = (): DearestCall => {
  let longest = 0
  const dearest = { nano: 0, tokens: 0 }
  return {
    note(length, { nano, tokens }) {
      longest = Math.max(longest, length, 1)
      dearest.nano = Math.max(dearest.nano, nano)
      dearest.tokens = Math.max(dearest.tokens, tokens)
    },
    most(length) {
      if (longest === 0) return undefined
      const times = Math.max(1, length / longest)
      return { nano: Math.ceil(dearest.nano * times), tokens: Math.ceil(dearest.tokens * times), calls: 1 }
    },
  }
}
