import { isRunaway } from '../../core/detectors/runaway.ts'

/** Raised when answers are refused for other reasons than before; part of a translator line's fingerprint. */
export const validateVersion = 1

/** Anything but white space, control and format characters, halves of surrogate pairs and what is not assigned. */
const visible = /[^\p{White_Space}\p{C}]/u

/** Why an answer is no translation: a snake_case reason, or undefined when nothing speaks against it. Pure. */
export const refusal = (source: string, target: string, finishReason: string): string | undefined => {
  if (!visible.test(target)) return 'empty'
  if (finishReason === 'length') return 'length'
  return isRunaway(source, target) ? 'runaway' : undefined
}
