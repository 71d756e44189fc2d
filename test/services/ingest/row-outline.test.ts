import { describe, expect, it } from 'vitest'
import { rowOutline } from '../../../services/ingest/row-outline.ts'

const row = (i: number) => ({
  uid: i,
  meta: { lang: 'en', tags: [] },
  thread: {
    turns: [
      { who: 'human', said: `Question ${i}` },
      { who: 'bot', said: `Answer ${i}` },
    ],
  },
})

describe('the outline of rows', () => {
  it('has a line for each path, and the names that a list has again and again', () => {
    expect(rowOutline([row(1), row(2), row(3), row(4), { uid: null }, 'no row'])).toEqual([
      'uid           a number or null',
      'meta.lang     a text',
      'meta.tags     an empty list',
      'thread.turns  a list of {who, said}; who: human, bot',
    ])
  })

  it('is empty without rows', () => {
    expect(rowOutline([])).toEqual([])
    expect(rowOutline(['text', 7, null, [1]])).toEqual([])
  })
})
