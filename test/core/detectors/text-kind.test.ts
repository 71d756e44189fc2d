import { expect, it } from 'vitest'
import { kindOf } from '../../../core/detectors/text-kind.ts'

it.each([
  ['', 'prose'],
  ['A sentence; and another one, with (brackets).', 'prose'],
  ['if you like (or not), come.', 'prose'],
  ['Find all real $x$ with $x^2 = 4$.', 'prose'],
  ['مرحبا بالعالم', 'prose'],
  ['And that is how {disfmarker}', 'prose'],
  ['# Title\n\nSome text.', 'markdown'],
  ['* one\n* two', 'markdown'],
  ['| a | b |\n|---|---|\n| 1 | 2 |', 'markdown'],
  ['Use **this** word.\nAnd `that` one.', 'markdown'],
  ['def add(a, b):\n    """ Adds two numbers, which may be of any kind that has a plus. """\n', 'code_like'],
  ['import os\n\nprint(os.getcwd())', 'code_like'],
  ['{\n  "name": "x",\n  "size": 3\n}', 'code_like'],
  ['const a = 1;', 'code_like'],
  ['for (let i = 0; i < n; i++) {\n  total += i;\n}', 'code_like'],
])('%j is %s', (text, kind) => expect(kindOf(text)).toBe(kind))
