import type { Detector } from './detector.ts'

/** The answer was cut off at the limit of tokens. */
export const length: Detector = {
  reason: 'length',
  version: 1,
  find: ({ finishReason }) => (finishReason === 'length' ? { reason: 'length' } : undefined),
}
