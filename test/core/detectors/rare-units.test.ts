import { describe, expect, it } from 'vitest'
import { persian, rare, rareIn, shaped, thirdScript } from '../../../core/detectors/rare-units.ts'

describe('rare letters', () => {
  it('are seen in every text in which a pattern finds one', () => {
    const missed: string[] = []
    for (let codePoint = 0; codePoint < 0x11_0000; codePoint++) {
      const char = String.fromCodePoint(codePoint)
      // A drawn-out letter is one between two others.
      const text = `ب${char}ب`
      for (const [pattern, kind] of [
        [thirdScript, rare.thirdScript],
        [persian, rare.persian],
        [shaped, rare.shaped],
      ] as const)
        if (text.search(pattern) !== -1 && !(rareIn(text) & kind)) missed.push(codePoint.toString(16))
    }
    expect(missed).toEqual([])
  })

  it('are not seen in English and Arabic', () => {
    expect(rareIn('Plain words, 12 numbers and `code`.')).toBe(0)
    expect(rareIn('كلمات عادية وأرقام ١٢ وتشكيلٌ.')).toBe(0)
    expect(rareIn('漢')).toBe(rare.thirdScript)
    expect(rareIn('گ')).toBe(rare.persian)
    expect(rareIn('ـ')).toBe(rare.shaped)
  })
})
