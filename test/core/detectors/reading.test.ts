import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWords } from '../../../core/detectors/reading.ts'

const letters = fc.string({ unit: fc.constantFrom(...'abXYÀßİعمٌ٣7ʼΩж'), minLength: 1, maxLength: 40 })

describe('words', () => {
  it('are what stands at their place, in small letters', () => {
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 60 }), (written) => {
        const text = written.join(' ')
        for (const { text: word, start, end, isLower } of readWords(text).words) {
          const there = text.slice(start, end)
          const small = Array.from(there, (char) => (char.toLowerCase().length === 1 ? char.toLowerCase() : char)).join(
            '',
          )
          expect(word).toBe(small)
          if (isLower) expect(word).toBe(there)
        }
      }),
    )
  })
})
