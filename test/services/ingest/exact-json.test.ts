import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseExact } from '../../../services/ingest/exact-json.ts'

it('keeps the digits of integers that a double cannot hold', () => {
  expect(parseExact('{"id":12345678901234567890,"of":[-9007199254740993,9007199254740991],"x":1e400,"y":1e2}')).toEqual(
    {
      id: '12345678901234567890',
      of: ['-9007199254740993', 9007199254740991],
      ...{ x: '1e400', y: 100 },
    },
  )
})

it('leaves texts alone, whatever is in them', () => {
  const row = { '12345678901234567890': 'a "12345678901234567890" \\', next: '\\"1e400', n: 3 }
  expect(parseExact(JSON.stringify(row))).toEqual(row)
})

it('is JSON.parse for everything a double holds', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      let isHeld = true
      const text = JSON.stringify({ value, forces: '1234567890123456' }, (_, one) => {
        if (Number.isInteger(one) && !Number.isSafeInteger(one)) isHeld = false
        return one
      })
      fc.pre(isHeld)
      expect(parseExact(text)).toEqual(JSON.parse(text))
    }),
    { numRuns: 2000, seed: 3 },
  )
})

it.each([
  '{"a":01234567890123456789}',
  '{"a":1234567890123456789',
  '12345678901234567890"',
  '{"a":-}',
  '{12345678901234567890 : 1}',
])('refuses %s as JSON.parse does', (text) => expect(() => parseExact(text)).toThrow(SyntaxError))

it('is linear in hostile lines', () => {
  const long = `"${'\\\\'.repeat(500_000)}1234567890123456`
  expect(() => parseExact(long)).toThrow(SyntaxError)
})
