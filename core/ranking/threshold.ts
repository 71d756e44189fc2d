/** A condition on a metric, such as `>= 0.4`. */
export interface Threshold {
  operator: '>=' | '>' | '<=' | '<'
  value: number
  /** As it reads in messages, with one space. */
  text: string
}

const form = /^(>=|>|<=|<)\s*(-?\d+(?:\.\d+)?)$/

/** Reads a threshold such as `>= 0.4`. Throws a RangeError on any other text. */
export function parseThreshold(text: string): Threshold {
  const [, operator, number] = form.exec(text.trim()) ?? []
  if (operator === undefined || number === undefined) {
    throw new RangeError(`reading a threshold: ${JSON.stringify(text)} is not like ">= 0.4"`)
  }
  return { operator: operator as Threshold['operator'], value: Number(number), text: `${operator} ${number}` }
}

/** Whether a value passes; null, not applicable, does. */
export function passes({ operator, value: bound }: Threshold, value: number | null): boolean {
  if (value === null) return true
  if (operator === '>=') return value >= bound
  if (operator === '>') return value > bound
  return operator === '<=' ? value <= bound : value < bound
}

const failures = { '>=': 'below', '>': 'not_above', '<=': 'above', '<': 'not_below' } as const

/** The stable code of a metric that does not pass, such as `lr_below_0.4`. */
export function failureCode(metric: string, { operator, value }: Threshold): string {
  return `${metric}_${failures[operator]}_${value}`
}
