/** Raised when answers are refused for other reasons than before. */
export const validateVersion = 1

/** Why an answer is no translation: a snake_case reason, or undefined when nothing speaks against it. Pure. */
export const refusal = (source: string, target: string, finishReason: string): string | undefined => {
  if (target.trim() === '') return 'empty'
  if (finishReason === 'length') return 'length'
  if (target.length > 3 * source.length + 64 * 1024) return 'runaway'
  return undefined
}
