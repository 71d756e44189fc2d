import { expect, it } from 'vitest'
import { inLine } from '../../../services/translate/in-line.ts'

it.each([
  ['table_gpt_no_think', {}, true],
  ['table_gpt_no_think', { only: [] }, false],
  ['table_gpt_no_think', { only: ['other', 'table_gpt_no_think'] }, true],
  ['table_gpt_no_think', { only: ['table_gpt'] }, false],
  ['table_gpt_no_think', { except: ['table_gpt_no_think'] }, false],
  ['table_gpt_no_think', { except: ['*_think'] }, false],
  ['table_gpt_no_think', { only: ['table*'], except: ['*no_think'] }, false],
  ['table_gpt_no_think', { only: ['*gpt*'] }, true],
  ['smoltalk_multilingual8_Qwen3_32B_think', { except: ['*multilingual8*'] }, false],
  ['aba', { only: ['ab*ba'] }, false],
  ['abba', { only: ['ab*ba'] }, true],
  ['abc', { only: ['a*b*c'] }, true],
  ['acb', { only: ['a*b*c'] }, false],
  ['a.c', { only: ['a?c'] }, false],
  ['anything', { only: ['*'] }, true],
  ['a*b', { only: ['a**b'] }, true],
  ['', { only: ['*'] }, true],
])('takes or leaves %s by %j', (split, splits, taken) => {
  expect(inLine(split, splits)).toBe(taken)
})

it('is linear in a pattern of many stars', () => {
  expect(inLine('a'.repeat(20_000), { only: [`${'*a'.repeat(5000)}*b`] })).toBe(false)
})
