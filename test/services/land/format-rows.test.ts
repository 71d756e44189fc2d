import { describe, expect, it } from 'vitest'
import { formatRows } from '../../../services/land/format-rows.ts'

const result = {
  names: ['id', 'value', 'text', 'none', 'list'],
  rows: [
    ['a/b/0', 1 / 3, 'one, "two"\nthree', null, ['x']],
    ['a/b/1', 12, '', null, []],
  ],
}
/** Columns as somebody may well name them, or not name them at all. */
const odd = {
  names: ['b', '2', '1', 'n', 'n', '__proto__'],
  rows: [
    ['first', 2, 1, 'left', 'right', 'x'],
    ['second', 22, 11, 'left', 'right', 'y'],
  ],
}

describe('formatRows', () => {
  it('aligns a table, numbers to the right, with six digits and without line breaks', () => {
    expect(formatRows(result, 'table')).toBe(
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
    expect(formatRows(result, 'csv')).toBe(
      'id,value,text,none,list\na/b/0,0.3333333333333333,"one, ""two""\nthree",,"[""x""]"\na/b/1,12,,,[]\n',
    )
  })

  it('writes JSON lines as they are', () => {
    expect(
      formatRows(result, 'json')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { id: 'a/b/0', value: 1 / 3, text: 'one, "two"\nthree', none: null, list: ['x'] },
      { id: 'a/b/1', value: 12, text: '', none: null, list: [] },
    ])
  })

  it('says that there are no rows; CSV has its head', () => {
    expect(formatRows({ names: ['id', 'n'], rows: [] }, 'table')).toBe('no rows\n')
    expect(formatRows({ names: ['id', 'n'], rows: [] }, 'json')).toBe('')
    expect(formatRows({ names: ['id', 'n'], rows: [] }, 'csv')).toBe('id,n\n')
    expect(formatRows({ names: [], rows: [] }, 'csv')).toBe('')
  })

  it('cuts long cells between characters and lets no control character through to the terminal', () => {
    const row = [`${'x'.repeat(58)}😀${'y'.repeat(9)}`, 'red\u001b[31m\u0000']
    const shown = formatRows({ names: ['a', 'b\u001b[31m\n'], rows: [row] }, 'table')
    expect(shown.split('\n')).toHaveLength(4)
    expect(shown).toContain(`${'x'.repeat(58)}…`)
    expect(shown.isWellFormed()).toBe(true)
    expect(shown).not.toMatch(/\u001b|\u0000/)
  })

  it('counts Arabic and wide letters by what they take on a terminal', () => {
    const [, line = '', first = '', second = ''] = formatRows(
      {
        names: ['a', 'b'],
        rows: [
          ['漢字', 1],
          ['ab', 2],
        ],
      },
      'table',
    ).split('\n')
    expect(line).toBe('----  -')
    expect(first).toBe('漢字  1')
    expect(second).toBe('ab    2')
  })

  it('keeps the order of columns whose names are numbers, and all of equal names', () => {
    expect(formatRows(odd, 'table')).toBe(
      [
        'b        2   1  n     n      __proto__',
        '------  --  --  ----  -----  ---------',
        'first    2   1  left  right  x',
        'second  22  11  left  right  y',
        '',
      ].join('\n'),
    )
    expect(formatRows(odd, 'csv')).toBe('b,2,1,n,n,__proto__\nfirst,2,1,left,right,x\nsecond,22,11,left,right,y\n')
  })

  it('keeps that order in JSON, and asks for other names where two are equal', () => {
    const names = ['b', '2', '1', 'n', 'm', '__proto__']
    expect(formatRows({ ...odd, names }, 'json').split('\n')[0]).toBe(
      '{"b":"first","2":2,"1":1,"n":"left","m":"right","__proto__":"x"}',
    )
    expect(() => formatRows(odd, 'json')).toThrow(
      expect.objectContaining({ code: 'usage', message: 'writing JSON: two columns are named "n"' }),
    )
  })
})
