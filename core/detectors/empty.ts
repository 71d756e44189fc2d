import type { Detector } from './detector.ts'

/** Anything but white space, control and format characters, halves of surrogate pairs and what is not assigned. */
const visible = /[^\p{White_Space}\p{C}]/u
const letter = /\p{L}/u
const letterOrDigit = /[\p{L}\p{N}]/u

/** Nothing that can be seen, or no letter and no digit for a source that has letters. */
export const empty: Detector = {
  reason: 'empty',
  version: 1,
  find: ({ source, target }) => {
    const isEmpty = !visible.test(target) || (!letterOrDigit.test(target) && letter.test(source))
    return isEmpty ? { reason: 'empty' } : undefined
  },
}
