import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteLines } from '../../../../services/translate/backends/byte-lines.ts'
import { asciiJson, readLine } from '../../../../services/translate/backends/json-line.ts'

const linesOf = (bytes: Buffer, sizes: number[], most = 1e6): string[] => {
  const lines: string[] = []
  const take = byteLines((line) => lines.push(line), most)
  let from = 0
  for (let i = 0; from < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    take(bytes.subarray(from, from + size))
    from += size
  }
  return lines
}
const text = fc.string({ unit: 'binary' }).map((one) => one.toWellFormed().replaceAll('\n', ' '))

describe('lines of bytes', () => {
  it('are the same wherever the pieces end', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        expect(linesOf(bytes, sizes)).toEqual(lines)
      }),
    )
  })

  it('that never end cost no memory, and are told as empty', () => {
    expect(linesOf(Buffer.from('abcdefgh\nab\n'), [3], 4)).toEqual(['', 'ab'])
  })
})

describe('a request', () => {
  it('is one line of ASCII with everything that was in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        const line = asciiJson({ text: any })
        expect(line).toMatch(/^[\x20-\x7e]*$/)
        expect(readLine(line)).toEqual({ text: any })
      }),
    )
  })

  it.each(['', 'x', '[1]', 'null', '"text"', '{', '3'])('is not read of %j', (line) => {
    expect(readLine(line)).toBe(undefined)
  })
})
