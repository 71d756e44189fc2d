import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rebuild, type TranslatedPiece } from '../../../core/chunking/rebuild.ts'

describe('rebuilding a message', () => {
  it('puts targets in the place of their pieces and copies the others', () => {
    const pieces = [
      { start: 0, length: 6, target: 'مرحبا ' },
      { start: 6, length: 3, target: null },
      { start: 9, length: 1, target: '' },
    ]
    expect(rebuild('Hello x=1.', pieces)).toEqual({
      text: 'مرحبا x=1',
      spans: [
        { start: 0, length: 6 },
        { start: 6, length: 3 },
        { start: 9, length: 0 },
      ],
    })
  })

  it('takes no pieces or an empty one for an empty message', () => {
    expect(rebuild('', []).text).toBe('')
    expect(rebuild('', [{ start: 0, length: 0, target: null }]).spans).toEqual([{ start: 0, length: 0 }])
  })

  it.each([
    ['a gap', [0, 2, 3, 1], /piece 1 covers 3 to 4, expected it to start at 2/],
    ['an overlap', [0, 2, 1, 3], /piece 1 covers 1 to 4/],
    ['a missing end', [0, 2], /the pieces end at 2, the content at 4/],
    ['a piece over the end', [0, 5], /piece 0 covers 0 to 5, .* end by 4/],
    ['pieces out of order', [2, 2, 0, 2], /piece 0 covers 2 to 4/],
    ['a negative length', [0, -1, 0, 4], /piece 0/],
  ])('refuses %s', (_name, numbers, message) => {
    const pieces: TranslatedPiece[] = []
    for (let i = 0; i < numbers.length; i += 2)
      pieces.push({ start: numbers[i]!, length: numbers[i + 1]!, target: null })
    expect(() => rebuild('abcd', pieces)).toThrow(message)
  })

  it('tells where every piece landed', () => {
    const piece = fc.tuple(fc.string(), fc.option(fc.string()))
    fc.assert(
      fc.property(fc.array(piece), (sources) => {
        let start = 0
        const pieces = sources.map(([source, target]) => {
          start += source.length
          return { start: start - source.length, length: source.length, target }
        })
        const { text, spans } = rebuild(sources.map(([source]) => source).join(''), pieces)
        expect(spans.map((span) => text.slice(span.start, span.start + span.length))).toEqual(
          sources.map(([source, target]) => target ?? source),
        )
      }),
    )
  })
})
