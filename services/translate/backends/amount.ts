/** Whether a value is an amount that can be added up: a finite number, not below zero. */
export const isAmount = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
