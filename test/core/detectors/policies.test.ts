import { describe, expect, it } from 'vitest'
import { defaultPolicies, policyOf } from '../../../core/detectors/policies.ts'

describe('policies', () => {
  it('fail what is no translation of any text', () => {
    for (const reason of ['empty', 'refusal', 'prompt_leak', 'preamble'])
      for (const kind of ['prose', 'markdown', 'code_like'] as const)
        expect(policyOf(reason, kind)).toEqual({ first: 'retry', last: 'fail' })
  })

  it('ask for smaller pieces where the answer had no end', () => {
    expect(policyOf('length', 'prose')).toEqual({ first: 'split', last: 'fail' })
    expect(policyOf('runaway', 'code_like')).toEqual({ first: 'split', last: 'fail' })
  })

  it('leave code its English', () => {
    expect(policyOf('copy', 'prose').last).toBe('fail')
    expect(policyOf('copy', 'code_like').last).toBe('flag')
    expect(policyOf('part_copied', 'code_like').first).toBe('flag')
  })

  it('never ask again about a mere flag, and never fail behind one', () => {
    for (const { first, last } of Object.values(defaultPolicies)) if (first === 'flag') expect(last).toBe('flag')
  })

  it('refuse what nobody knows', () => expect(policyOf('new_one', 'prose')).toEqual({ first: 'retry', last: 'fail' }))
})
