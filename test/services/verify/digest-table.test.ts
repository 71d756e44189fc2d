import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestTable } from '../../../services/verify/digest-table.ts'

const digest = (text: string) => createHash('sha256').update(text).digest()
const tableOf = (entries: [id: string, text: string][]) => {
  const table = digestTable()
  for (const [id, text] of entries) table.add(id, digest(text))
  return table
}

describe('digestTable', () => {
  it('counts what two tables of thousands do not share', () => {
    const entries = Array.from({ length: 20_000 }, (_, i): [string, string] => [`s/t/${i}`, `text ${i}`])
    const here = tableOf(entries.slice(0, 19_000))
    const there = tableOf(entries.toReversed().map(([id, text], i) => [id, i === 5000 ? 'other' : text]))
    expect(here.against(there)).toEqual({ changed: 1, onlyHere: 0, onlyThere: 1000, all: 20_000 })
    expect(there.against(here)).toEqual({ changed: 1, onlyHere: 1000, onlyThere: 0, all: 20_000 })
    expect([here.agrees(there, 's/t/0'), here.agrees(there, 's/t/14999'), here.agrees(there, 's/t/19500')]).toEqual([
      true,
      false,
      false,
    ])
    expect([here.has('s/t/18999'), here.has('s/t/19000')]).toEqual([true, false])
  })

  it('is equal exactly when every id has the same texts, as often, in any order', () => {
    const entry = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'))
    const isEqual = (one: [string, string][], other: [string, string][]) => {
      const { changed, onlyHere, onlyThere } = tableOf(one).against(tableOf(other))
      return changed + onlyHere + onlyThere === 0
    }
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), fc.array(entry, { maxLength: 5 }), (one, other) => {
        const sorted = (entries: [string, string][]) => entries.map(String).sort().join(' ')
        expect(isEqual(one, other)).toBe(sorted(one) === sorted(other))
        expect(isEqual(one, one.toReversed())).toBe(true)
      }),
    )
  })
})
