import { describe, expect, it } from 'vitest'
import { formatRows } from '../../../services/land/format-rows.ts'

const rows = [
  { id: 'a/b/0', value: 1 / 3, text: 'one, "two"\nthree', none: null, list: ['x'] },
  { id: 'a/b/1', value: 12, text: '', none: null, list: [] },
]

describe('formatRows', () => {
  it('aligns a table, numbers to the right, with six digits and without line breaks', () => {
    expect(formatRows(rows, 'table')).toBe(
      [
        'id        value  text              none  list',
        '-----  --------  ----------------  ----  -----',
        'a/b/0  0.333333  one, "two" three     –  ["x"]',
        'a/b/1        12                       –  []',
        '',
      ].join('\n'),
    )
  })

  it('writes CSV with every digit, quoted where it must be, null empty', () => {
    expect(formatRows(rows, 'csv')).toBe(
      'id,value,text,none,list\na/b/0,0.3333333333333333,"one, ""two""\nthree",,"[""x""]"\na/b/1,12,,,[]\n',
    )
  })

  it('writes JSON lines as they are', () => {
    expect(
      formatRows(rows, 'json')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows)
  })

  it('says that there are no rows; CSV has its head', () => {
    expect(formatRows([], 'table')).toBe('no rows\n')
    expect(formatRows([], 'json')).toBe('')
    expect(formatRows([], 'csv', ['id', 'n'])).toBe('id,n\n')
    expect(formatRows([], 'csv')).toBe('')
  })

  it('cuts long cells between characters and lets no control character through to the terminal', () => {
    const shown = formatRows([{ a: `${'x'.repeat(58)}😀${'y'.repeat(9)}`, b: 'red\u001b[31m\u0000' }], 'table')
    expect(shown).toContain(`${'x'.repeat(58)}…`)
    expect(shown.isWellFormed()).toBe(true)
    expect(shown).not.toMatch(/\u001b|\u0000/)
  })

  it('counts Arabic and wide letters by what they take on a terminal', () => {
    const [, line = '', first = '', second = ''] = formatRows(
      [
        { a: '漢字', b: 1 },
        { a: 'ab', b: 2 },
      ],
      'table',
    ).split('\n')
    expect(line).toBe('----  -')
    expect(first).toBe('漢字  1')
    expect(second).toBe('ab    2')
  })
})
