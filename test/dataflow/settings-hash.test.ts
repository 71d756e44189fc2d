import { describe, expect, it } from 'vitest'
import { canonicalJson, settingsDifference, settingsHash } from '../../dataflow/settings-hash.ts'

describe('settingsHash', () => {
  it('is the same whatever the order of keys, at any depth, and without undefined ones', () => {
    const one = { b: { y: [1, { d: 1, c: 2 }], x: null }, a: 'text', z: undefined }
    const two = { a: 'text', b: { x: null, y: [1, { c: 2, d: 1 }] } }
    expect(settingsHash(one)).toBe(settingsHash(two))
    expect(settingsHash(one)).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { b: 1 }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: null }, {}],
    [{ a: { b: 1 } }, { 'a.b': 1 }],
    [{ a: [[1], 2] }, { a: [[1, 2]] }],
  ])('differs for %j and %j', (one, two) => {
    expect(settingsHash(one)).not.toBe(settingsHash(two))
  })

  it('does not change between releases', () => {
    expect(settingsHash({ by: 'lines', count: 25, nested: { list: [1, 'é', true, null] } })).toBe(
      settingsHash(JSON.parse('{"nested":{"list":[1,"\\u00e9",true,null]},"count":25,"by":"lines"}')),
    )
    expect(canonicalJson({ by: 'lines', count: 25, nested: { list: [1, 'é', true, null] } })).toBe(
      '{"by":"lines","count":25,"nested":{"list":[1,"é",true,null]}}',
    )
    expect(settingsHash({ a: 1 })).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862')
  })
})

describe('settingsDifference', () => {
  it('names every path that differs with both values', () => {
    const before = { by: 'lines', count: 25, sampling: { temperature: 0, seed: 1 }, splits: ['a'] }
    const after = { by: 'lines', count: 40, sampling: { temperature: 0.7, top_p: 1 }, splits: ['a', 'b'] }
    expect(settingsDifference(before, after)).toEqual([
      'count: 25 became 40',
      'sampling.temperature: 0 became 0.7',
      'sampling.seed: 1 became null',
      'sampling.top_p: null became 1',
      'splits: ["a"] became ["a","b"]',
    ])
  })

  it('is empty for equal settings', () => {
    expect(settingsDifference({ a: { b: 1 }, c: undefined }, { a: { b: 1 } })).toEqual([])
  })

  it('tells whole values where one of them has no fields', () => {
    expect(settingsDifference({ a: { b: 1 } }, { a: [1] })).toEqual(['a: {"b":1} became [1]'])
    expect(settingsDifference(1, 2)).toEqual(['settings: 1 became 2'])
  })
})
