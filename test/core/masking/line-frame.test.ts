import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameRanges, lineFrame, repairStructure, sameStructure } from '../../../core/masking/line-frame.ts'
import { pieces } from '../../../core/masking/pieces.ts'
import { transliterated } from './fake-translators.ts'
import { markedText } from './marked-text.ts'
import { parallelTexts, translatableTexts } from './translatable-texts.ts'

const joined = (text: string) =>
  lineFrame(text)
    .map(({ before, body, after }) => before + body + after)
    .join('')
const bodies = (text: string) => lineFrame(text).flatMap(({ body }) => body || [])
const withBodies = (text: string, change: (body: string) => string) =>
  lineFrame(text)
    .map(({ before, body, after }) => before + (body && change(body)) + after)
    .join('')

describe('lineFrame', () => {
  it.each<[string, string[]]>([
    ['# A title\n\nWords here.  \nMore.\r\n', ['A title', 'Words here.', 'More.']],
    ['- a\n  * b\n+ c\n1. d\n12) e\n- [x] f\n• g', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['> - ## a\n>> b', ['a', 'b']],
    ['-5 is #1 and 2.5, **b**\n#tag', ['-5 is #1 and 2.5, **b**', '#tag']],
    ['| A | b c |\n|---|:-:|\n| | d \\| e |\n\nx | y', ['A', 'b c', 'd \\| e', 'x | y']],
    ['A | b\n--|--\nc | d\nno row', ['A', 'b', 'c', 'd', 'no row']],
    ['---\n***\n* * *\n===\n', []],
    ['', []],
  ])('finds the words in %j', (text, expected) => expect(bodies(text)).toEqual(expected))

  it('joins to any text, and its ranges are what is left without the words', () => {
    fc.assert(
      fc.property(markedText, (text) => {
        expect(joined(text)).toBe(text)
        const cut = pieces(text, frameRanges(text))
        expect(cut.map((piece) => piece.text).join('')).toBe(text)
        for (const piece of cut) if (!piece.isKept) expect(bodies(text)).toContain(piece.text)
      }),
      { numRuns: 2000, seed: 4 },
    )
  })

  it('joins to all texts that are translated, and their structure is their own with other words', () => {
    for (const text of translatableTexts()) {
      expect(joined(text)).toBe(text)
      expect(sameStructure(text, withBodies(text, transliterated))).toBe(true)
    }
  })
})

describe('sameStructure', () => {
  it.each([
    ['# A\n\n- b\n- c', '# أ\n\n- ب\n- ج', true],
    ['# A', '## أ', false],
    ['- a\n- b', '- أ\n* ب', false],
    ['- a\n  - b', '- أ\n- ب', false],
    ['1. a', '2. أ', false],
    ['a\nb', 'أ ب', false],
    ['a\n\nb', 'أ\nب', false],
    ['a  \nb', 'أ\nب', false],
    ['> a', 'أ', false],
    ['| a | b |', '|  أ|ب  |', true],
    ['| a | b |', '| أ |', false],
    ['| a | |', '| أ | ب |', false],
    ['- a', '-', false],
  ])('compares %j with %j', (source, target, same) => expect(sameStructure(source, target)).toBe(same))

  it('holds for most paragraphs of human translations, soft line breaks included', () => {
    let same = 0
    let all = 0
    for (const { en, ar } of parallelTexts('react_docs')) {
      const paragraphs = en.split(/\n{2,}/)
      const others = ar.split(/\n{2,}/)
      if (paragraphs.length !== others.length) continue
      all += paragraphs.length
      same += paragraphs.filter((paragraph, index) => sameStructure(paragraph, others[index]!)).length
    }
    expect(all).toBeGreaterThan(400)
    expect(same / all).toBeGreaterThan(0.98)
  })
})

describe('repairStructure', () => {
  it.each([
    ['1. a\n2. b', '١. أ\n٢- ب', '1. أ\n2. ب'],
    ['1. a\n2. b', '1) أ\n2)ب', '1. أ\n2. ب'],
    ['* a\n* b', '• أ\n- ب', '* أ\n* ب'],
    ['- [ ] a', '- [] أ', '- [ ] أ'],
    ['# A\n\nb', '# أ\nب\n', '# أ\n\nب'],
    ['## A', '##أ', '## أ'],
    ['> a\n> b', 'أ\nب', '> أ\n> ب'],
    ['  - a  \nb', '- أ\nب', '  - أ  \nب'],
    ['| a | b |\n|---|---|', '|أ|ب|\n|-|-|', '| أ | ب |\n|---|---|'],
    ['- a', '- أ', '- أ'],
    ['2.5 a\n1. b', '2.5 أ\n١. ب', '2.5 أ\n1. ب'],
    ['a\r\nb\r\n\r\nc', 'أ\nب\n\nج', 'أ\r\nب\r\n\r\nج'],
    ['a\n  \nb', 'أ\n\nب', 'أ\n  \nب'],
    ['a\nb', 'أ\r\nب\n', 'أ\nب'],
  ])('gives %j with the words of %j', (source, target, repaired) => {
    expect(repairStructure(source, target)).toBe(repaired)
  })

  it.each([
    ['a\nb', 'أ'],
    ['a', 'أ\nب'],
    ['a\n- b', '- أ\nب'],
    ['| a | b |', '| أ |'],
    ['| a | b |', 'أ ب'],
    ['a\n\n---\n\nb', 'أ\n\nب'],
    ['- a', '-'],
    ['- a', '- - أ'],
  ])('gives up on %j with %j', (source, target) => expect(repairStructure(source, target)).toBeUndefined())

  it('gives nothing or the structure of the source, for any two texts', () => {
    fc.assert(
      fc.property(markedText, markedText, (source, other) => {
        for (const target of [other, source.replace(/\d/g, '٣'), source.replace(/[ \t]+/g, ' ')]) {
          const repaired = repairStructure(source, target)
          if (repaired !== undefined) expect(sameStructure(source, repaired)).toBe(true)
        }
        expect(repairStructure(source, source)).toBe(source)
      }),
      { numRuns: 2000, seed: 5 },
    )
  })
})
