import fc from 'fast-check'
import { expect, it } from 'vitest'
import { joinRowTexts, type RowText, rowText, sentPieces } from '../../../services/land/row-text.ts'
import { rowsIn } from './rows-in.ts'

const textOf = (lengths: number[]): RowText => ({
  format: 'JSONCompactEachRow',
  columns: ['value'],
  rows: lengths.length,
  pieces: lengths.map((length, n) => Buffer.alloc(length, n % 251)),
})

it('is sent whole and in order, in pieces of up to 256 KiB or as large as one that is larger', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 12 })
  fc.assert(
    fc.property(lengths, (of) => {
      const text = textOf(of)
      const sent = [...sentPieces(text)]
      expect(Buffer.concat(sent).equals(Buffer.concat(text.pieces))).toBe(true)
      const most = Math.max(256 * 2 ** 10, ...of)
      for (const [n, piece] of sent.entries()) {
        expect(piece.length).toBeLessThanOrEqual(most)
        const next = sent[n + 1]
        if (next) expect(piece.length + next.length).toBeGreaterThan(256 * 2 ** 10)
      }
    }),
    { numRuns: 50 },
  )
})

it('is joined of others without copying them', () => {
  const [a, b] = [rowText([{ x: 1, y: 'ä' }]), rowText([{ x: 2, y: '' }])]
  const both = joinRowTexts([a!, b!])
  expect(both.rows).toBe(2)
  expect(both.pieces).toEqual([...a!.pieces, ...b!.pieces])
  expect(both.pieces[0]).toBe(a!.pieces[0])
  expect(rowsIn(both)).toEqual([
    { x: 1, y: 'ä' },
    { x: 2, y: '' },
  ])
  expect([...sentPieces(joinRowTexts([]))]).toEqual([])
})
