import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineSplitter } from '../../../services/ingest/line-splitter.ts'

describe('lineSplitter', () => {
  it('gives the same lines however the bytes come in pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0x0a, 0x0d, 0x41, 0x42), { maxLength: 40 }),
        fc.array(fc.nat(40), { maxLength: 6 }),
        fc.integer({ min: 0, max: 6 }),
        (content, cuts, maxBytes) => {
          const bytes = Buffer.from(content)
          const places = [0, ...cuts.filter((cut) => cut <= bytes.length), bytes.length].toSorted((a, b) => a - b)
          const linesOf = (pieces: Buffer[]) => {
            const lines = lineSplitter({ byte: 0, line: 1 }, maxBytes)
            return [...pieces.flatMap((piece) => [...lines.push(piece)]), lines.rest()]
          }
          const lines = linesOf(places.slice(1).map((end, i) => bytes.subarray(places[i], end)))
          expect(lines).toEqual(linesOf([bytes]))
          expect(lines.map(({ line }) => line)).toEqual(lines.map((_, i) => i + 1))
          expect(lines.at(-1)?.next).toBe(bytes.length)
          for (const line of lines) {
            expect(line.length).toBe(line.byteEnd - line.byteStart)
            if (line.length <= maxBytes) expect(line.bytes).toEqual(bytes.subarray(line.byteStart, line.byteEnd))
          }
        },
      ),
    )
  })

  it('holds 64 KiB of a line above its limit, and the whole next one', () => {
    const maxBytes = 3 * 2 ** 20
    const lines = lineSplitter({ byte: 0, line: 1 }, maxBytes)
    const piece = Buffer.alloc(2 ** 20, 'x')
    let most = 0
    for (let i = 0; i < 100; i++) {
      expect([...lines.push(piece)]).toEqual([])
      most = Math.max(most, lines.rest().bytes.length)
    }
    expect(most).toBe(maxBytes)
    expect(lines.rest()).toMatchObject({ length: 100 * 2 ** 20 })
    const [long] = lines.push(Buffer.from('\n'))
    expect(long).toMatchObject({ line: 1, length: 100 * 2 ** 20, next: 100 * 2 ** 20 + 1 })
    expect(long!.bytes.length).toBe(64 * 1024)
    expect([...lines.push(Buffer.from('abc\r\n'))]).toMatchObject([{ line: 2, bytes: Buffer.from('abc') }])
  })
})
