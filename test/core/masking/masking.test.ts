import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSpans, spanFinder } from '../../../core/masking/find-spans.ts'
import { defaultMaskKinds } from '../../../core/masking/kinds.ts'
import { sameStructure } from '../../../core/masking/line-frame.ts'
import { mask } from '../../../core/masking/mask.ts'
import { peel } from '../../../core/masking/peel.ts'
import { pieces } from '../../../core/masking/pieces.ts'
import { sentinelForms } from '../../../core/masking/sentinel-forms.ts'
import { unmask } from '../../../core/masking/unmask.ts'
import { wordPieces } from '../../../core/masking/word-pieces.ts'
import { damagedAnswer, goodAnswer, seededRandom, transliterated } from './fake-translators.ts'
import { markedText } from './marked-text.ts'
import { translatableTexts } from './translatable-texts.ts'

const settings = { kinds: defaultMaskKinds, terms: ['Hello', 'A sentence', 'React'] }
const find = spanFinder(settings)
const forms = sentinelForms.keys()
const texts = translatableTexts()

describe('masking of all texts that are translated', () => {
  it.each([...forms])('is undone byte for byte in form %i when sentinels come back', (form) => {
    expect(texts.length).toBeGreaterThan(2000)
    let spans = 0
    for (const text of texts) {
      const found = find(text)
      spans += found.length
      const masked = mask(text, found, form)
      expect(unmask(masked.text, masked)).toEqual({ text })
      const expected = pieces(text, found)
      const translated = unmask(goodAnswer(masked), masked)
      expect(translated).toEqual({
        text: expected.map((one) => (one.isKept ? one.text : transliterated(one.text))).join(''),
      })
    }
    expect(spans).toBeGreaterThan(10_000)
  })

  it.each([...sentinelForms.keys()])(
    'gives every span once or a problem in form %i, whatever is done to sentinels',
    (form) => {
      const random = seededRandom(form + 1)
      const outcomes = { restored: 0, refused: 0 }
      for (const text of texts) {
        const spans = find(text)
        if (spans.length === 0) continue
        const masked = mask(text, spans, form)
        for (let round = 0; round < (spans.length > 500 ? 1 : 4); round++) {
          const { answer, done } = damagedAnswer(masked, random)
          const result = unmask(answer, masked)
          if ('problem' in result) {
            outcomes.refused++
            expect(result.lost + result.doubled + result.unknown + result.misplaced).toBeGreaterThan(0)
            continue
          }
          outcomes.restored++
          // All words are in Arabic letters now, so without the spans nothing Latin is left.
          let rest = result.text
          for (const { source } of [...masked.sentinels].sort((a, b) => b.source.length - a.source.length)) {
            const at = rest.indexOf(source)
            expect(at, `${done.join()} lost ${source}`).not.toBe(-1)
            rest = `${rest.slice(0, at)}\n${rest.slice(at + source.length)}`
          }
          expect(rest, `${done.join()} left a trace`).not.toMatch(/[A-Za-z⟦⟧⟪⟫]/)
        }
      }
      expect(outcomes.restored).toBeGreaterThan(500)
      expect(outcomes.refused).toBeGreaterThan(500)
    },
  )
})

describe('masking of any text', () => {
  it('gives spans in order, without overlap and inside the text', () => {
    fc.assert(
      fc.property(markedText, (text) => {
        let at = 0
        for (const { start, end } of find(text)) {
          expect(start).toBeGreaterThanOrEqual(at)
          expect(end).toBeGreaterThan(start)
          at = end
        }
        expect(at).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })

  it('is undone byte for byte, also where the text has sentinels of its own', () => {
    fc.assert(
      fc.property(markedText, fc.constantFrom(...sentinelForms.keys()), (text, form) => {
        const masked = mask(text, find(text), form)
        expect(unmask(masked.text, masked)).toEqual({ text })
      }),
      { numRuns: 3000, seed: 2 },
    )
  })

  it('cuts into pieces that join to the text, and translates only words without outer white space', () => {
    fc.assert(
      fc.property(markedText, (text) => {
        const cut = pieces(text, findSpans(text, settings))
        expect(cut.map((piece) => piece.text).join('')).toBe(text)
        for (const [index, piece] of cut.entries()) {
          expect(piece.text).not.toBe('')
          if (piece.isKept) expect(cut[index + 1]?.isKept).not.toBe(true)
          else expect(peel(piece.text).segment).toBe(piece.text)
        }
      }),
      { numRuns: 2000, seed: 3 },
    )
  })

  it('cuts into words of one line, whose translations keep spans and structure', () => {
    fc.assert(
      fc.property(markedText, (text) => {
        const spans = find(text)
        const cut = wordPieces(text, spans)
        expect(cut.map((piece) => piece.text).join('')).toBe(text)
        const translated = cut.map((piece) => (piece.isKept ? piece.text : 'نص')).join('')
        if (!spans.some(({ start, end }) => text.slice(start, end).includes('\n'))) {
          expect(sameStructure(text, translated)).toBe(true)
        }
        for (const { start, end } of spans) expect(translated).toContain(text.slice(start, end))
      }),
      { numRuns: 2000, seed: 6 },
    )
  })
})
